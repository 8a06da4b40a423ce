/** Tests of the tab that need the real plugin. tab-states.pw.ts tests each state alone. */

import { expect, type SandboxHandle, type TeamsPage, test } from "./fixtures.ts";
import { picture } from "./pictures.ts";

const sessionsOf = (sandbox: SandboxHandle, username: string) =>
  sandbox.control<{ id: string; expires_at: number; sockets: number }[]>(`/sessions?username=${username}`);

test("a password in the pop-up signs the member in, by the plugin's own hand-over", async ({
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

test("a session that the server ended is renewed silently, and the typed text is kept", async ({
  sandbox,
  page,
}) => {
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  await teams.mattermost.locator("#post_textbox").fill("half a sentence");
  await page.waitForTimeout(5_500);
  await sandbox.control("/sessions/revoke", { username: "alex" });
  await expect
    .poll(async () => (await sandbox.log()).filter(({ what }) => what === "createSession").length)
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

test("signed out inside Mattermost: nothing of the session remains, neither on the server nor in the frame", async ({
  sandbox,
  page,
}) => {
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  const cookies = async () =>
    (await page.context().cookies()).filter(({ name, partitionKey }) => /^MM/.test(name) && partitionKey);
  expect(await cookies()).toHaveLength(4);
  await teams.mattermost.getByRole("button", { name: "Log out" }).click();
  await expect(teams.shell.getByRole("heading", { name: "You are signed out of Mattermost" })).toBeVisible();
  await expect.poll(cookies).toEqual([]);
  await expect.poll(() => sessionsOf(sandbox, "alex")).toEqual([]);
});

test("consent: the member presses the button, and is signed in", async ({ sandbox, page }) => {
  await sandbox.control("/faults/teams", { consent: "needed" });
  const teams = await sandbox.openTeams(page);
  await teams.shell.getByRole("button", { name: "Sign in", exact: true }).click();
  await teams.arrive("alex");
});

test("a deactivated person gets an explanation, and the tab opens again once the account is active", async ({
  sandbox,
  page,
}) => {
  await sandbox.control("/user", { username: "alex", patch: { DeleteAt: 1 } });
  const teams = await sandbox.openTeams(page);
  await expect(teams.shell.locator('[data-kind="account_deactivated"]')).toBeVisible();
  await sandbox.control("/user", { username: "alex", patch: { DeleteAt: 0 } });
  await teams.shell.getByRole("button", { name: "Try again" }).click();
  await teams.arrive("alex");
});

test("deactivated while in the tab: an explanation, not an invitation to sign in", async ({
  sandbox,
  page,
}) => {
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  await page.waitForTimeout(5_500);
  await sandbox.control("/user", { username: "alex", patch: { DeleteAt: 1 } });
  await expect(teams.shell.locator('[data-kind="account_deactivated"]')).toContainText(
    "Your Mattermost account is deactivated",
  );
  await sandbox.control("/user", { username: "alex", patch: { DeleteAt: 0 } });
  await teams.shell.getByRole("button", { name: "Try again" }).click();
  await teams.arrive("alex");
});

test("the plugin is switched off while the tab is open: a notice comes and goes, and work continues", async ({
  sandbox,
  page,
}) => {
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  await teams.mattermost.locator("#post_textbox").fill("half a sentence");
  const notice = teams.shell.locator('.notice[data-kind="plugin_off"]');
  await sandbox.control("/plugin/stop", {});
  // The tab asks at once when the network is back, otherwise once a minute.
  await teams.shell.locator("body").evaluate("window.dispatchEvent(new Event('online'))");
  await expect(notice).toContainText("switched off the connection to Microsoft 365");
  await expect(teams.mattermost.locator("#post_textbox")).toHaveValue("half a sentence");
  await sandbox.control("/plugin/start", {});
  await expect(notice).toHaveCount(0);
  await expect(teams.mattermost.locator("#post_textbox")).toHaveValue("half a sentence");
});

test("the plugin is switched off: an explanation, and the tab opens when it is on again", async ({
  sandbox,
  page,
}) => {
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex");
  await sandbox.control("/plugin/stop", {});
  await page.waitForTimeout(5_500);
  await sandbox.control("/sessions/revoke", { username: "alex" });
  await expect(teams.shell.locator('[data-kind="plugin_disabled"]')).toBeVisible();
  await sandbox.control("/plugin/start", {});
  await teams.arrive("alex");
});

test("Entra's keys are unreachable: the tab tries again", async ({ sandbox, page }) => {
  await sandbox.control("/faults/entra", { unreachable: true });
  // A running process already knows the keys from the checks, so it would sign people in without Entra.
  await sandbox.control("/plugin/stop", {});
  await sandbox.control("/plugin/start", {});
  const teams = await sandbox.openTeams(page);
  await expect(teams.shell.locator('[data-kind="microsoft_unavailable"]')).toBeVisible();
  await sandbox.control("/healthy", {});
  // The server does not retry failed keys for a while, and neither does the tab.
  await expect(teams.mattermost.locator('.app[data-user="alex"] .post').first()).toBeVisible({
    timeout: 60_000,
  });
});

test("the tenant is missing from the settings: the page says that the admin has to finish the set-up", async ({
  sandbox,
  page,
}) => {
  await sandbox.control("/settings", { m365_tenant_id: "" });
  const teams = await sandbox.openTeams(page);
  await expect(teams.shell.locator('[data-kind="not_configured"]')).toContainText("admin has to finish");
  expect((await sandbox.log()).filter(({ what }) => what.includes("/api/v1/session"))).toEqual([]);
});

test("the tenant ID is wrong: the page shows Microsoft's error, and does not retry", async ({
  sandbox,
  page,
}) => {
  await sandbox.control("/settings", { m365_tenant_id: "99999999-9999-4999-8999-999999999999" });
  const teams = await sandbox.openTeams(page);
  const card = teams.shell.locator('[data-kind="tenant_unknown"]');
  await expect(card).toContainText("the directory (tenant) ID is wrong", { timeout: 30_000 });
  await expect(card).not.toContainText("Trying again");
});

test("Teams is dark: offers a dark Mattermost, and switches it without a reload", async ({
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

test("a token that never arrives: an explanation after two tries, not an endless wheel", async ({
  sandbox,
  page,
}) => {
  const teams = await sandbox.openTeams(page, { tokenHangs: "1" });
  await expect(teams.shell.getByText("Still trying")).toBeVisible();
  await expect(teams.shell.locator('[data-kind="token_unavailable"]')).toBeVisible();
});

test("another person in the same browser is signed in as that person at once", async ({ sandbox, page }) => {
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

test.describe("an open tab still gets events", () => {
  /** Without a reload, so through the web socket: the text in the box is still there. */
  async function hears(sandbox: SandboxHandle, teams: TeamsPage, text: string): Promise<void> {
    await sandbox.post("sam", "town-square", text);
    await expect(teams.mattermost.locator(".post").last()).toContainText(text);
    await expect(teams.mattermost.locator("#post_textbox")).toHaveValue("half a sentence");
  }

  /** The web app opens a closed web socket again after three seconds. */
  const socketsOfNewSession = (sandbox: SandboxHandle, oldId: string) =>
    expect.poll(
      async () => (await sessionsOf(sandbox, "alex")).find(({ id }) => id !== oldId)?.sockets ?? 0,
      { timeout: 60_000 },
    );

  test("after the tab was opened a second time", async ({ sandbox, page }) => {
    const first = await sandbox.openTeams(page);
    await first.arrive("alex");
    await first.mattermost.locator("#post_textbox").fill("half a sentence");
    const second = await sandbox.openTeams(await page.context().newPage());
    await second.arrive("alex");
    await hears(sandbox, first, "to both of you");
    await expect(second.mattermost.locator(".post").last()).toContainText("to both of you");
    expect(await sessionsOf(sandbox, "alex")).toHaveLength(1);
  });

  test("after another tab got a new session, and the old one has ended", async ({ sandbox, page }) => {
    const first = await sandbox.openTeams(page);
    await first.arrive("alex");
    await first.mattermost.locator("#post_textbox").fill("half a sentence");
    const [old] = await sessionsOf(sandbox, "alex");
    await sandbox.control("/sessions/end", { id: old?.id, inSeconds: 600 });
    const second = await sandbox.openTeams(await page.context().newPage());
    await second.arrive("alex");
    expect(await sessionsOf(sandbox, "alex")).toHaveLength(2);
    // No event is missed meanwhile or later.
    await hears(sandbox, first, "while both live");
    // Those of both tabs.
    await socketsOfNewSession(sandbox, old?.id ?? "").toBe(2);
    await sandbox.control("/sessions/end", { id: old?.id, inSeconds: -1 });
    await hears(sandbox, first, "by the new session alone");
  });

  test("after its own renewal before the end", async ({ sandbox, page }) => {
    let oldId = "";
    await page.exposeFunction("endSoon", async () => {
      const [old] = await sessionsOf(sandbox, "alex");
      oldId = old?.id ?? "";
      await sandbox.control("/sessions/end", { id: oldId, inSeconds: 600 });
    });
    // The plugin's own answer, except that the session ends in ten minutes and is renewed in eight seconds.
    await page.addInitScript(`
      const real = window.fetch;
      window.fetch = async (input, init) => {
        const response = await real(input, init);
        if (!String(input).endsWith("/api/v1/session") || !response.ok) return response;
        const answer = await response.json();
        const times = Number(sessionStorage.getItem("sign-ins") ?? 0);
        sessionStorage.setItem("sign-ins", String(times + 1));
        if (times === 0) await window.endSoon();
        return Response.json(times === 0 ? { ...answer, renewInSeconds: 8 } : answer);
      };`);
    const teams = await sandbox.openTeams(page);
    await teams.arrive("alex");
    await teams.mattermost.locator("#post_textbox").fill("half a sentence");
    await expect.poll(async () => (await sessionsOf(sandbox, "alex")).length).toBe(2);
    await socketsOfNewSession(sandbox, oldId).toBe(1);
    await sandbox.control("/sessions/end", { id: oldId, inSeconds: -1 });
    await hears(sandbox, teams, "after the renewal");
  });
});
