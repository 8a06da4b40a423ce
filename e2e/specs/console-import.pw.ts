/** Tests in the System Console: importing settings and links of the earlier plugin, and undoing the import. */

import { readFile } from "node:fs/promises";
import { expect, test } from "./console-fixture.ts";

const EARLIER = "com.mattermost.ms-embedded";

interface ServerConfig {
  readonly ServiceSettings: { readonly FrameAncestors: string };
  readonly PluginSettings: { readonly Plugins: Record<string, Record<string, unknown>> };
}

test.describe("the earlier plugin's settings", () => {
  test.use({ start: { fresh: true } });

  test("are shown first, imported by one press, and restored by another", async ({
    console: page,
    sandbox,
  }) => {
    const { PluginSettings } = await sandbox.control<ServerConfig>("/config");
    const theirs = {
      m365_tenant_id: sandbox.info.tenantId,
      m365_client_id: "22222222-2222-4222-8222-222222222222",
      m365_client_secret: "old~secret",
      app_id: "33333333-3333-4333-8333-333333333333",
      app_version: "1.4.2",
      app_name: "Mattermost Embedded",
    };
    await sandbox.control("/config", {
      PluginSettings: { Plugins: { ...PluginSettings.Plugins, [EARLIER]: theirs } },
    });
    await page.open();
    await page.page.getByText("Take over from the earlier plugin").click();
    const panel = page.page.locator('[data-part="import"]');
    await expect(panel.getByRole("row", { name: /Version/ })).toContainText("1.4.3");
    await expect(panel.getByRole("row", { name: /Client secret/ })).toContainText("•••");
    expect(await page.page.content()).not.toContain("old~secret");
    await page.picture("import");
    await page.button("Take over").click();
    await expect(panel).toContainText("Taken over");
    await expect(page.field("Application (client) ID")).toHaveValue(theirs.m365_client_id);
    await page.button("Put my settings back").click();
    await expect(panel).toContainText("Your settings are back.");
    await expect(page.field("Application (client) ID")).toHaveValue("");
  });
});

test("a link is removed only after a second press", async ({ console: page, sandbox, browser }) => {
  const teams = await sandbox.openTeams(await (await browser.newContext()).newPage());
  await teams.arrive("alex");
  await page.open("Links");
  const row = page.page.locator('[data-row="alex"]');
  await page.button("Remove the link of alex").click();
  await row.getByRole("button", { name: "Keep" }).click();
  await expect(row).toBeVisible();
  await page.button("Remove the link of alex").click();
  await row.getByRole("button", { name: "Remove now" }).click();
  await expect(row).toHaveCount(0);
  await expect(page.page.getByText("0 linked accounts")).toBeVisible();
});

test("imports links from a file, with a verdict on each before they are created", async ({
  console: page,
  sandbox,
}) => {
  const jo = sandbox.info.users.find(({ username }) => username === "jo");
  const person = sandbox.info.people.find(({ displayName }) => displayName === "Jo Lindqvist");
  const record = JSON.stringify({ MattermostUserID: jo?.id, TeamsObjectID: person?.objectId });
  const file = { name: "links.jsonl", mimeType: "text/plain", buffer: Buffer.from(`${record}\n{broken\n`) };
  await page.open("Links");
  // The list arrives a moment later and moves everything below it down.
  await expect(page.page.getByText("0 linked accounts")).toBeVisible();
  await page.page.getByText("Import links from the earlier plugin").click();
  const panel = page.page.locator('[data-part="link-import"]');
  await page.page.getByLabel("File with links").setInputFiles(file);
  await page.button("Show what would happen").click();
  await expect(panel).toContainText("1 to link");
  await expect(panel).toContainText("1 line is not such a record");
  await expect(page.page.locator('[data-row="jo"]')).toHaveCount(0);
  await page.button("Link them").click();
  await expect(page.page.locator('[data-row="jo"]')).toBeVisible();
});

test("adds and removes our frame ancestors and keeps those of others", async ({ console: page, sandbox }) => {
  const setting = async () => (await sandbox.control<ServerConfig>("/config")).ServiceSettings.FrameAncestors;
  await sandbox.control("/config", { ServiceSettings: { FrameAncestors: "https://portal.example.com" } });
  await page.open();
  const panel = page.page.locator('[data-part="frame-ancestors"]');
  await expect(panel.getByRole("row", { name: /portal\.example\.com/ })).toContainText("somebody else");
  await page.addFrameAncestors();
  expect((await setting()).split(" ")).toEqual([
    "https://portal.example.com",
    new URL(sandbox.info.teamsUrl).origin,
  ]);
  // Save sends the console's copy of the configuration: it must not restore the old value.
  await page.field("Microsoft cloud").focus();
  await page.go("Teams app");
  await page.field("Name").fill("Harbor");
  await page.save();
  expect(await setting()).toContain(new URL(sandbox.info.teamsUrl).origin);
  await page.go("Connect to Microsoft");
  await page.button("Remove ours").click();
  await expect.poll(setting).toBe("https://portal.example.com");
});

test("the report is a file without secrets", async ({ console: page, sandbox }) => {
  await page.open();
  await page.runChecks();
  const [file] = await Promise.all([
    page.page.waitForEvent("download"),
    page.button("Download report").click(),
  ]);
  const text = await readFile(await file.path(), "utf8");
  expect(text).toContain("report of the checks");
  expect(text).toContain("Mattermost:");
  expect(text).not.toContain(sandbox.info.clientSecret ?? "no secret");
});

test("members see nothing of it", async ({ sandbox, page }) => {
  await sandbox.enter(page, "alex", "/");
  const plugin = `${new URL(sandbox.info.siteUrl).origin}/plugins/${sandbox.info.pluginId}`;
  for (const path of [
    "/api/v1/app-package",
    "/api/v1/checks",
    "/api/v1/admin/import",
    "/api/v1/admin/links",
  ]) {
    expect((await page.request.get(plugin + path)).status(), path).toBe(401);
    const origin = new URL(sandbox.info.colleagueUrl).origin;
    expect((await page.request.get(`${origin}/plugins/${sandbox.info.pluginId}${path}`)).status(), path).toBe(
      403,
    );
  }
});
