/** Tests servers with special configurations: no https, settings held by the environment, a cluster. */

import { expect, test } from "./fixtures.ts";

test.describe("a site URL that is not https", () => {
  test.use({ start: { siteUrl: "http://chat.example.org", installed: false } });
  test("the console says what must change, and creates no package", async ({ sandbox, page }) => {
    await sandbox.openConsole(page);
    const answer = await page.evaluate(async (id) => {
      const response = await fetch(`/plugins/${id}/api/v1/app-package`, {
        headers: { "X-Requested-With": "XMLHttpRequest" },
      });
      return { status: response.status, text: await response.text() };
    }, sandbox.info.pluginId);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).toContain("https");
  });
});

test.describe("settings held by environment variables", () => {
  test.use({ start: { locked: ["PluginSettings.Plugins.mission-collaboration.app_name"] } });
  test("are shown, cannot be edited, and survive a save", async ({ sandbox, page }) => {
    await sandbox.openConsole(page);
    await page.getByRole("tab", { name: "Teams app" }).click();
    await expect(page.locator('[data-setting="app_name"] input')).toBeDisabled();
    await sandbox.control("/settings", { app_name: "Another name", app_version: "3.1.4" });
    const config = await sandbox.control<{ PluginSettings: { Plugins: Record<string, object> } }>("/config");
    expect(config.PluginSettings.Plugins[sandbox.info.pluginId]).toMatchObject({
      app_name: "Mattermost",
      app_version: "3.1.4",
    });
  });
});

test.describe("three nodes", () => {
  test.use({ start: { nodes: 3 } });
  test("a member arrives and gets one activity, whichever node answers", async ({ sandbox, page }) => {
    const teams = await sandbox.openTeams(page);
    await teams.arrive("alex");
    await sandbox.post("sam", "operations", "@alex three nodes, one activity");
    await expect.poll(async () => (await sandbox.activities()).length).toBe(1);
    const nodes = new Set(
      (await sandbox.log()).filter((each) => each.what.startsWith("serveHTTP")).map((each) => each.node),
    );
    expect(nodes.size).toBeGreaterThan(1);
  });
});
