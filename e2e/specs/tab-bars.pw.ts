/** Tests the notices of the tab and its bar of downloads. */

import { expect, type Tab, test } from "./tab-fixture.ts";
import { accessible, fits } from "./tab-views.ts";

/** A host in `theme` and a Mattermost with another theme, so that the theme is offered; plus a failed download. */
async function withBars(tab: Tab, theme: string): Promise<void> {
  const background = theme === "default" ? "#191b1f" : "#ffffff";
  const value = JSON.stringify({ centerChannelBg: background, centerChannelColor: "#808080" });
  tab.standIn.preferences = [{ category: "theme", name: "", value }];
  await tab.arrive({ context: { theme } });
  await tab.shell.locator('.notice[data-kind="theme_offer"]').waitFor();
  await tab.mattermost.locator("#file-refused").click();
  await tab.shell.getByRole("alert").waitFor();
}

test.describe("notices and the bar of downloads", () => {
  for (const theme of ["default", "dark", "contrast"]) {
    test(`${theme}: they cover nothing of Mattermost, and axe finds nothing`, async ({ tab }) => {
      await withBars(tab, theme);
      const box = async (of: string) => {
        const found = await tab.shell.locator(of).boundingBox();
        if (!found) throw new Error(`${of} is not drawn`);
        return found;
      };
      const all = await tab.page.locator("#tab").boundingBox();
      const [frame, ...bars] = [
        await box("iframe.mattermost"),
        await box(".notice"),
        await box(".downloads"),
      ];
      for (const bar of bars) {
        expect(bar.height).toBeGreaterThan(20);
        expect(bar.y + bar.height).toBeLessThanOrEqual(frame.y);
      }
      // All of Mattermost is inside the tab: its bottom is not pushed out.
      expect(frame.y + frame.height).toBeCloseTo((all?.y ?? 0) + (all?.height ?? 0), 0);
      await accessible(tab);
    });
  }

  test("they cover nothing on a phone, too", async ({ tab, page }) => {
    await page.setViewportSize({ width: 360, height: 640 });
    await withBars(tab, "dark");
    const frame = await tab.shell.locator("iframe.mattermost").boundingBox();
    const notice = await tab.shell.locator(".notice").boundingBox();
    expect((notice?.y ?? 0) + (notice?.height ?? 0)).toBeLessThanOrEqual(frame?.y ?? 0);
    expect(frame?.height).toBeGreaterThan(200);
    await fits(tab);
  });

  test("the keyboard reaches the answers in order, then Mattermost", async ({ tab, page }) => {
    await withBars(tab, "dark");
    await tab.shell.getByRole("button", { name: "Close: secret.txt" }).click();
    const notice = tab.shell.locator(".notice");
    await notice.getByRole("button", { name: "Yes, match it" }).focus();
    for (const name of ["No, keep mine", "Close"]) {
      await page.keyboard.press("Tab");
      await expect(notice.getByRole("button", { name, exact: true })).toBeFocused();
    }
    await page.keyboard.press("Tab");
    await expect(tab.shell.locator("iframe.mattermost")).toBeFocused();
  });

  for (const way of ["Escape", "Close by Enter", "Close by a click"]) {
    test(`${way}: closes the notice without an answer, and Mattermost has the keyboard`, async ({
      tab,
      page,
    }) => {
      await tab.arrive({ context: { theme: "dark" } });
      const notice = tab.shell.locator(".notice");
      const close = notice.getByRole("button", { name: "Close", exact: true });
      if (way === "Close by a click") await close.click();
      else {
        await (way === "Escape" ? notice.getByRole("button", { name: "Yes, match it" }) : close).focus();
        await page.keyboard.press(way === "Escape" ? "Escape" : "Enter");
      }
      await expect(notice).toHaveCount(0);
      await expect(tab.shell.locator("iframe.mattermost")).toBeFocused();
      expect(tab.standIn.preferences).toEqual([]);
    });
  }

  for (const status of [404, 501]) {
    test(`the plugin is switched off (${status}): the notice says so, and disappears when it is on`, async ({
      tab,
    }) => {
      test.slow();
      await tab.arrive();
      const before = await tab.mattermost.locator("body").evaluate("window.startedAt");
      tab.standIn.pluginStatus = status;
      await tab.shell.locator("body").evaluate("window.dispatchEvent(new Event('online'))");
      const notice = tab.shell.locator('.notice[data-kind="plugin_off"]');
      await expect(notice).toContainText("switched off the connection to Microsoft 365");
      tab.standIn.pluginStatus = 200;
      await expect(notice).toHaveCount(0);
      expect(await tab.mattermost.locator("body").evaluate("window.startedAt")).toBe(before);
    });
  }
});
