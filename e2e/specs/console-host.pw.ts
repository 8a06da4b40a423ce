/**
 * Tests the System Console as a real server draws it and behaves, with its own style rules and answers.
 */

import AxeBuilder from "@axe-core/playwright";
import type { Locator } from "@playwright/test";
import { expect, test } from "./console-fixture.ts";

const OURS = "mission-collaboration";

/** Entirely between the header and the Save bar. */
async function expectInView(element: Locator): Promise<void> {
  await expect(async () => {
    const at = await element.boundingBox();
    const bar = await element.page().locator(".admin-console-save").boundingBox();
    const head = await element.page().locator(".admin-console__header").boundingBox();
    if (!at || !bar || !head) throw new Error("not drawn");
    expect(at.y).toBeGreaterThanOrEqual(head.y + head.height - 1);
    expect(at.y + at.height).toBeLessThanOrEqual(bar.y + 1);
  }).toPass({ timeout: 25_000 });
}

const pages = [
  "Teams app",
  "Sign-in",
  "Notifications",
  "Connected accounts",
  "Chats, channels, calendar",
  "Changes",
  "Links",
  "Connect to Microsoft",
] as const;

// Each brings its own React, 17 and 18.
for (const webApp of [10, 11] as const)
  test.describe(`the web app of Mattermost ${webApp}`, () => {
    test.use({ start: { webApp } });

    test("no page shows anything in red", async ({ console: page }) => {
      await page.open();
      await expect(page.page.getByText("All hosts are allowed.")).toBeVisible();
      for (const name of pages) {
        await page.go(name);
        await expect(page.page.locator(".mc-problem:visible")).toHaveCount(0);
      }
      await expect(page.page.getByText("Cannot read properties")).toHaveCount(0);
    });
  });

test("the frame check is green although every page has X-Frame-Options", async ({
  console: page,
  sandbox,
}) => {
  const response = await page.page.request.get(sandbox.info.siteUrl, { ignoreHTTPSErrors: true });
  expect(response.headers()["x-frame-options"]).toBe("SAMEORIGIN");
  await page.open();
  await page.runChecks();
  await expect(page.check("frame_headers")).toHaveAttribute("data-state", "ok");
});

test("boxes are not squeezed by the web app's rules for details and summary", async ({ console: page }) => {
  await page.open();
  const foreign = await page.page.evaluate<number>(`[
    ...document.querySelectorAll(".mc-console details, .mc-console summary, .mc-console [data-box] button"),
  ].filter((each) => each.matches("details, summary") || getComputedStyle(each, "::before").content.includes("►")).length`);
  expect(foreign).toBe(0);
  const head = page.page.getByRole("button", { name: "Do it by hand, or with a script" });
  expect((await head.boundingBox())?.height).toBeGreaterThan(30);
  await head.click();
  await expect(head).toHaveAttribute("aria-expanded", "true");
});

test("scrolls into view what opens at the lower end", async ({ console: page }) => {
  await page.page.setViewportSize({ width: 1280, height: 640 });
  await page.open();
  await page.button("Set up with Microsoft").scrollIntoViewIfNeeded();
  await page.button("Set up with Microsoft").click();
  await expectInView(page.page.locator(".mc-dialog"));
  await expect(page.page.locator(".mc-dialog")).toBeFocused();
  await page.button("Close").click();
  await page.go("Teams app");
  await page.button("Publish to Teams").click();
  await expectInView(page.page.locator(".mc-dialog"));
  await page.button("Close").click();
  await page.go("Notifications");
  await page.button("Send me a test activity").click();
  await expectInView(page.page.locator(".mc-steps li").last());
});

test("the keyboard's focus is always visible", async ({ console: page }) => {
  await page.page.setViewportSize({ width: 1280, height: 640 });
  await page.open();
  await page.page.getByRole("tab", { name: "Connect to Microsoft" }).focus();
  let visited = 0;
  for (let i = 0; i < 25; i++) {
    await page.page.keyboard.press("Tab");
    const focused = page.page.locator(":focus");
    // After the last field come the browser's own controls.
    if ((await focused.count()) === 0) break;
    if (await focused.evaluate((element) => !element.closest(".mc-console"))) break;
    visited += 1;
    await expectInView(focused);
    const outline = await focused.evaluate(
      (element) => element.ownerDocument.defaultView?.getComputedStyle(element).outlineStyle,
    );
    expect([await focused.evaluate((element) => element.outerHTML.slice(0, 80)), outline]).toEqual([
      expect.any(String),
      "solid",
    ]);
  }
  expect(visited).toBeGreaterThan(10);
});

test("identifiers are not broken in a column of 920 px", async ({ console: page, sandbox, browser }) => {
  const teams = await sandbox.openTeams(await (await browser.newContext()).newPage());
  await teams.arrive("alex");
  await page.open("Links");
  await expect(page.page.locator('[data-row="alex"] code')).toBeVisible();
  for (const id of await page.page.locator("#mc-panel-links code").all()) {
    const lines = await id.evaluate((element) => {
      const range = element.ownerDocument.createRange();
      range.selectNodeContents(element);
      return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
    });
    expect([await id.textContent(), lines]).toEqual([expect.any(String), 1]);
  }
  const panel = await page.page.locator("#mc-panel-links").boundingBox();
  const table = await page.page.locator("#mc-panel-links table").boundingBox();
  expect(table?.width).toBeLessThanOrEqual(panel?.width ?? 0);
});

test("a count of one has a singular text", async ({ console: page }) => {
  await page.open();
  await page.field("Client secret").fill("wrong");
  await page.save();
  await page.runChecks();
  await expect(page.page.getByRole("status").filter({ hasText: /^Run at/ })).not.toContainText(/\b1 \w+s\b/);
});

test.describe("settings held by MM_PLUGINSETTINGS_PLUGINS", () => {
  test.use({ start: { locked: ["PluginSettings.Plugins"] } });

  test("every field is locked and names the variable", async ({ console: page }) => {
    await page.open();
    for (const label of ["Directory (tenant) ID", "Client secret", "Microsoft cloud"]) {
      await expect(page.field(label)).toBeDisabled();
    }
    const field = page.page.locator('[data-setting="m365_tenant_id"]');
    await expect(field).toContainText("MM_PLUGINSETTINGS_PLUGINS");
    await page.go("Sign-in");
    await expect(page.page.locator("#mc-panel-sign_in :is(input, select, textarea):enabled")).toHaveCount(0);
    await page.picture("settings-locked");
  });
});

test.describe("a delegated system manager", () => {
  test("sees the settings, changes nothing, and sees no red refusal", async ({ console: page, sandbox }) => {
    await sandbox.control("/user", { username: "alex", patch: { Roles: "system_user system_manager" } });
    const refused: string[] = [];
    page.page.on("response", (response) => {
      if (response.status() === 403) refused.push(response.url());
    });
    await sandbox.enter(page.page, "alex", `/admin_console/plugins/plugin_${OURS}`);
    await expect(page.page.getByText("is for system admins")).toBeVisible();
    for (const name of [...pages, "Checks"] as const) {
      await page.go(name);
      const panel = page.page.locator('[role="tabpanel"]:visible');
      await expect(panel.locator(":is(input, select, textarea, .btn):enabled")).toHaveCount(0);
      await expect(panel.getByRole("alert")).toHaveCount(0);
    }
    await page.page.waitForTimeout(1_000);
    expect(refused).toEqual([]);
    await expect(page.page.getByText("Request ")).toHaveCount(0);
  });
});

test("a disabled plugin shows one line and no fields; while it is being switched off, all fields are read-only", async ({
  console: page,
}) => {
  await page.open();
  await page.page.getByRole("radio", { name: "False" }).first().check();
  await expect(page.field("Directory (tenant) ID")).toBeDisabled();
  await expect(page.button("Set up with Microsoft")).toBeDisabled();
  await page.button("Save").click();
  await expect(page.button("Save")).toBeDisabled();
  await page.page.reload();
  await expect(
    page.page.getByText("In order to view and configure plugin settings, enable the plugin"),
  ).toBeVisible();
  await expect(page.page.getByRole("tab")).toHaveCount(0);
});

test("after publishing, the catalog's old state is not shown beside the success", async ({
  console: page,
}) => {
  await page.open("Teams app");
  await page.field("Name").fill("Harbor chat");
  await page.save();
  await Promise.all([page.page.waitForEvent("download"), page.button("Download Manifest").click()]);
  await expect(page.page.locator('[data-catalog="warning"]')).toContainText("The catalog has");
  await page.button("Publish to Teams").click();
  await page.signIn();
  await page.button("Publish now").click();
  await expect(page.page.locator('[data-part="publish"] .mc-good')).toBeVisible({ timeout: 30_000 });
  await expect(page.page.locator('[data-catalog="warning"]')).toHaveCount(0);
  await expectInView(page.page.locator('[data-part="publish"] .mc-good'));
});

test("the System Console is light, even if the admin uses a dark theme", async ({
  console: page,
  sandbox,
}) => {
  const { users } = sandbox.info;
  const sam = users.find(({ username }) => username === "sam");
  const value = JSON.stringify({
    centerChannelBg: "#191b1f",
    centerChannelColor: "#e3e4e8",
    sidebarBg: "#000000",
  });
  await sandbox.enter(page.page, "sam");
  await page.page.waitForURL(/channels/);
  const body = JSON.stringify(JSON.stringify([{ user_id: sam?.id, category: "theme", name: "", value }]));
  await page.page.evaluate(`fetch("/api/v4/users/me/preferences", {
    method: "PUT",
    headers: {
      "X-CSRF-Token": /MMCSRF=([^;]+)/.exec(document.cookie)?.[1] ?? "",
      "X-Requested-With": "XMLHttpRequest",
      "Content-Type": "application/json",
    },
    body: ${body},
  }).then(() => undefined)`);
  await page.open();
  const background = await page.page.evaluate<string>(
    'getComputedStyle(document.querySelector("#mc-panel-connect")).backgroundColor',
  );
  expect(background).toBe("rgb(255, 255, 255)");
  const { violations } = await new AxeBuilder({ page: page.page }).include(".mc-console").analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
});
