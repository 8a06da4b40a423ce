/** The tab with the real plugin behind it: what only the whole line can show. The states alone: tab-states.pw.ts. */

import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

/** With SCREENSHOTS=1 the pictures of docs/user-guide.md are taken anew. */
async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.SCREENSHOTS) return;
  await page.screenshot({ path: fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url)) });
}

test("a password in the pop-up, the plugin's own hand-over, and the member is there", async ({
  sandbox,
  page,
}) => {
  await sandbox.control("/faults/teams", { kind: "unknown key" });
  const teams = await sandbox.openTeams(page);
  const opened = page.context().waitForEvent("page");
  await teams.shell.getByRole("button", { name: "Sign in with another method" }).click();
  const popup = await opened;
  const login = popup.frameLocator("iframe");
  await login.locator("#input_loginId").fill("mia");
  await login.locator("#saveSetting").click();
  await teams.arrive("mia");
  const cookie = (await page.context().cookies()).find(
    ({ name, partitionKey }) => name === "MMAUTHTOKEN" && partitionKey === "http://127.0.0.1",
  );
  expect(cookie).toMatchObject({ httpOnly: true, secure: true });
});

test("a session that the server ended: renewed silently, the typed text is still there", async ({
  sandbox,
  page,
}) => {
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  await teams.mattermost.locator("#post_textbox").fill("half a sentence");
  await page.waitForTimeout(5_500);
  await sandbox.control("/sessions/revoke", { username: "alex" });
  await expect
    .poll(async () => (await sandbox.log()).filter(({ what }) => what === "createSession").length, {
      timeout: 20_000,
    })
    .toBe(2);
  await teams.arrive("alex");
  await expect(teams.mattermost.locator("#post_textbox")).toHaveValue("half a sentence");
});

test("signed out inside Mattermost: not signed in again, until the button", async ({ sandbox, page }) => {
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  await teams.mattermost.getByRole("button", { name: "Log out" }).click();
  await expect(teams.shell.getByRole("heading", { name: "You are signed out of Mattermost" })).toBeVisible();
  await page.reload();
  await teams.shell.getByRole("button", { name: "Sign in", exact: true }).click();
  await teams.arrive("alex");
});

test("consent: the button, and then the member is there", async ({ sandbox, page }) => {
  await sandbox.control("/faults/teams", { consent: "needed" });
  const teams = await sandbox.openTeams(page);
  await teams.shell.getByRole("button", { name: "Sign in", exact: true }).click();
  await teams.arrive("alex");
});

test("a deactivated account is told so, and opens again once it is active", async ({ sandbox, page }) => {
  await sandbox.control("/user", { username: "alex", patch: { DeleteAt: 1 } });
  const teams = await sandbox.openTeams(page);
  await expect(teams.shell.locator('[data-kind="account_deactivated"]')).toBeVisible();
  await sandbox.control("/user", { username: "alex", patch: { DeleteAt: 0 } });
  await teams.shell.getByRole("button", { name: "Try again" }).click();
  await teams.arrive("alex");
});

test("the plugin is switched off: words, and it opens by itself when it is on again", async ({
  sandbox,
  page,
}) => {
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  await sandbox.control("/plugin/stop", {});
  await page.waitForTimeout(5_500);
  await sandbox.control("/sessions/revoke", { username: "alex" });
  await expect(teams.shell.locator('[data-kind="plugin_disabled"]')).toBeVisible({ timeout: 20_000 });
  await sandbox.control("/plugin/start", {});
  await teams.arrive("alex");
});

test("Entra's keys are out of reach: tried again by itself", async ({ sandbox, page }) => {
  test.setTimeout(100_000);
  await sandbox.control("/faults/entra", { unreachable: true });
  const teams = await sandbox.openTeams(page);
  await expect(teams.shell.locator('[data-kind="microsoft_unavailable"]')).toBeVisible({ timeout: 30_000 });
  await sandbox.control("/healthy", {});
  // The server lets keys that failed rest for a while, and so does the tab.
  await expect(teams.mattermost.locator('.app[data-user="alex"] .post').first()).toBeVisible({
    timeout: 60_000,
  });
});

test("the tenant is missing from the settings: the admin has to finish", async ({ sandbox, page }) => {
  await sandbox.control("/settings", { m365_tenant_id: "" });
  const teams = await sandbox.openTeams(page);
  await expect(teams.shell.locator('[data-kind="not_configured"]')).toContainText("admin has to finish");
  expect((await sandbox.log()).filter(({ what }) => what.includes("/api/v1/session"))).toEqual([]);
});

test("Teams is dark: Mattermost is offered to be, and becomes so without a reload", async ({
  sandbox,
  page,
}) => {
  const teams = await sandbox.openTeams(page, { theme: "dark" });
  await teams.arrive("alex");
  const yes = teams.shell.getByRole("button", { name: "Yes, match it" });
  await yes.waitFor();
  await picture(page, "tab-theme-offer");
  await yes.click();
  await expect(teams.mattermost.locator("html")).toHaveCSS("color-scheme", "dark");
  await picture(page, "tab-theme-matched");
});

test("a token that never comes: words after two tries, not an endless wheel", async ({ sandbox, page }) => {
  const teams = await sandbox.openTeams(page, { tokenHangs: "1" });
  await expect(teams.shell.getByText("Still trying")).toBeVisible({ timeout: 15_000 });
  await expect(teams.shell.locator('[data-kind="token_unavailable"]')).toBeVisible({ timeout: 15_000 });
});

test("another person in the same browser is that person at once", async ({ sandbox, page }) => {
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  const mia = sandbox.info.people.find(({ displayName }) => displayName === "Mia Tanaka");
  const app = (await sandbox.control<{ id: string }[]>("/tenant/catalog"))[0];
  await fetch(`${sandbox.info.teamsUrl}/api/apps/${app?.id}/install?person=${mia?.objectId}`, {
    method: "POST",
  });
  const again = await sandbox.openTeams(page, { person: mia?.objectId ?? "" });
  await again.arrive("mia");
});

test("two tabs at once: both stay usable", async ({ sandbox, page }) => {
  const first = await sandbox.openTeams(page);
  await first.arrive("alex");
  await picture(page, "tab-open");
  const second = await sandbox.openTeams(await page.context().newPage());
  await second.arrive("alex");
  for (const [tab, text] of [
    [first, "from the first"],
    [second, "from the second"],
  ] as const) {
    await tab.mattermost.locator("#post_textbox").fill(text);
    await tab.mattermost.locator("#post_textbox").press("Enter");
    await expect(second.mattermost.locator(".post").last()).toContainText(text);
  }
});
