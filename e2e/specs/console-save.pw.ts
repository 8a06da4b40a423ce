/** Tests the Save button of the System Console: refused values, and changes of another admin. */

import type { Locator, Page } from "@playwright/test";
import { Console, expect, test } from "./console-fixture.ts";

interface ServerConfig {
  readonly PluginSettings: { readonly Plugins: Record<string, Record<string, unknown>> };
}
type Sandbox = { control<T>(path: string, body?: unknown): Promise<T> };

const OURS = "mission-collaboration";
const stored = async (sandbox: Sandbox, key: string) =>
  (await sandbox.control<ServerConfig>("/config")).PluginSettings.Plugins[OURS]?.[key];
const report = (page: Page): Locator => page.locator('[data-part="save-report"]');

test.describe("Save", () => {
  test("refuses invalid values before they are stored, and names the field", async ({
    console: page,
    sandbox,
  }) => {
    await page.open();
    const before = await stored(sandbox, "m365_tenant_id");
    await page.field("Directory (tenant) ID").fill("not a guid");
    // Immediately: the page does not have the server's verdict on the typed text yet.
    await page.button("Save").click();
    await expect(report(page.page)).toContainText("Nothing was saved");
    await expect(report(page.page)).toContainText("Directory (tenant) ID must be a GUID");
    expect(await stored(sandbox, "m365_tenant_id")).toBe(before);
    await expect(page.button("Save")).toBeEnabled();

    await page.go("Links");
    await report(page.page).getByRole("button", { name: "Directory (tenant) ID" }).click();
    await expect(page.field("Directory (tenant) ID")).toBeFocused();
    await page.field("Directory (tenant) ID").fill(String(before).toUpperCase());
    await page.save();
    await expect(report(page.page)).toHaveCount(0);
    await expect.poll(() => stored(sandbox, "m365_tenant_id")).toBe(String(before).toUpperCase());
  });

  test("lets an empty field be saved: a set-up may stop half-way", async ({ console: page, sandbox }) => {
    await page.open();
    await page.field("Application (client) ID").fill("");
    await page.save();
    await expect.poll(() => stored(sandbox, "m365_client_id")).toBe("");
  });

  test("does not undo changes that another admin made meanwhile, and says so", async ({
    console: page,
    sandbox,
    browser,
  }) => {
    const other = new Console(await (await browser.newContext()).newPage(), sandbox);
    await page.open("Teams app");
    await other.open("Teams app");
    await expect(other.button("Download Manifest")).toBeEnabled();
    await page.field("Name").fill("Harbor chat");
    await page.save();
    await expect.poll(() => stored(sandbox, "app_name")).toBe("Harbor chat");

    await other.field("Short description").fill("Chat of the harbor");
    await other.button("Save").click();
    await expect(report(other.page)).toContainText("another admin has changed settings");
    await expect(report(other.page)).toContainText("Name");
    expect(await stored(sandbox, "app_name")).toBe("Harbor chat");
    expect(await stored(sandbox, "app_short_description")).not.toBe("Chat of the harbor");
    await other.button("Show the newer values").click();
    await expect(other.field("Name")).toHaveValue("Harbor chat");
    await expect(other.field("Short description")).toHaveValue("Chat of the harbor");
    await other.save();
    expect(await stored(sandbox, "app_name")).toBe("Harbor chat");
    await expect.poll(() => stored(sandbox, "app_short_description")).toBe("Chat of the harbor");

    await page.field("Name").fill("Harbor");
    await page.button("Save").click();
    await expect(report(page.page)).toContainText("Short description");
    await page.button("Save mine over them").click();
    await expect(page.button("Save")).toBeDisabled();
    await expect.poll(() => stored(sandbox, "app_name")).toBe("Harbor");
  });

  test("a typed secret is saved once, and no unsaved change remains", async ({ console: page, sandbox }) => {
    await page.open();
    await page.field("Client secret").fill("a~new~secret");
    await page.save();
    await expect.poll(() => stored(sandbox, "m365_client_secret")).toBe("a~new~secret");
    await expect(page.field("Client secret")).toHaveValue("");
    await page.go("Teams app");
    await expect(page.button("Download Manifest")).toBeEnabled();
    await expect(page.page.getByText("Save first")).toHaveCount(0);
  });
});
