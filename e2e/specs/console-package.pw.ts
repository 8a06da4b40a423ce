/** Tests the app package in the System Console: its icons, and its version, which rises with its content. */

import { readFile } from "node:fs/promises";
import { expect, test } from "./console-fixture.ts";

const colorIcon = new URL("../../assets/color.png", import.meta.url);
const outlineIcon = new URL("../../assets/outline.png", import.meta.url);

test("icons by drag and drop, with checks and preview", async ({ console: page }) => {
  await page.open("Teams app");
  const color = page.page.locator('[data-setting="icon_color"]');
  const outline = page.page.locator('[data-setting="icon_outline"]');
  await expect(color.getByAltText("Default icon")).toBeVisible();

  // The outline is 32 by 32 pixels: as a colour icon it is refused, and nothing changes.
  await drop(color.locator(".mc-drop"), outlineIcon);
  await expect(color.getByRole("alert")).toContainText("is 32 × 32 pixels; it must be 192 × 192");
  await expect(color.getByAltText("Default icon")).toBeVisible();
  await page.picture("icon-refused");

  await drop(color.locator(".mc-drop"), colorIcon);
  await expect(color.getByAltText("Your icon")).toBeVisible();
  await expect(color.getByRole("alert")).toHaveCount(0);
  await color.getByRole("button", { name: "Back to the default" }).click();
  await expect(color.getByAltText("Default icon")).toBeVisible();

  await outline.locator('input[type="file"]').setInputFiles(colorIcon.pathname);
  await expect(outline.getByRole("alert")).toContainText("it must be 32 × 32");
});

test("the version rises automatically, and the changes are listed", async ({ console: page }) => {
  await page.open("Teams app");
  const panel = page.page.locator('[data-setting="app_package"]');
  const download = async () => {
    const [file] = await Promise.all([
      page.page.waitForEvent("download"),
      page.button("Download Manifest").click(),
    ]);
    return file.suggestedFilename();
  };
  const first = await download();
  expect(first).toMatch(/^mattermost-teams-app-\d+\.\d+\.\d+\.zip$/);
  await expect(panel).toContainText("Nothing has changed since");
  await page.field("Name").fill('Ops "Chat"');
  await expect(panel).toContainText("Save first");
  await expect(page.button("Download Manifest")).toBeDisabled();
  await page.save();
  await expect(panel).toContainText("Changes since the last package");
  await panel.getByText("Changes since the last package").click();
  await expect(panel.getByRole("row", { name: /name\/short/ })).toContainText('Ops "Chat"');
  await page.picture("package-changes");
  const second = await download();
  expect(second).not.toBe(first);
  await expect(page.page.locator("[data-catalog]")).toContainText("the last package made is");
});

/** Drops a file from the desktop. */
async function drop(target: import("@playwright/test").Locator, file: URL): Promise<void> {
  const bytes = JSON.stringify([...(await readFile(file))]);
  const dataTransfer = await target.page().evaluateHandle(
    `(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(${bytes})], "icon.png", { type: "image/png" }));
      return data;
    })()`,
  );
  await target.dispatchEvent("drop", { dataTransfer });
}
