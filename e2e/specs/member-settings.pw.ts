/** What a member switches off in Mattermost's own settings, Teams no longer tells. */

import { expect, test } from "./fixtures.ts";

test("no activity for direct messages, still one for a mention", async ({ sandbox, page, browser }) => {
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex"); // the first sign-in links the accounts

  const own = await (await browser.newContext()).newPage();
  await sandbox.enter(own, "alex");
  await own.getByRole("button", { name: "Settings" }).click();
  const settings = own.getByRole("dialog", { name: "Settings" });
  const section = settings.locator("section").filter({ hasText: "Direct messages" });
  await section.getByRole("group", { name: "Direct messages" }).getByLabel("Do not tell me").check();
  await section.getByRole("button", { name: "Save" }).click();
  await expect(section.getByRole("button", { name: "Save" })).toBeDisabled();

  await sandbox.post("sam", "@alex", "quiet please");
  await sandbox.post("sam", "operations", "@alex and this you hear");
  await expect
    .poll(async () => (await sandbox.activities()).map((each) => each.preview))
    .toEqual(["@alex and this you hear"]);
});

test("a slash command answers only the one who typed it", async ({ sandbox, page }) => {
  await sandbox.enter(page, "alex", "/harbor/channels/operations");
  await page.locator("#post_textbox").fill("/teams");
  await page.locator("#post_textbox").press("Enter");
  await expect(page.locator('.post[data-ephemeral="true"]')).toContainText("/teams notifications");
  const posts = await sandbox.control<{ message: string }[]>("/posts?as=alex&channel=operations");
  expect(posts.some((each) => each.message.includes("/teams"))).toBe(false);
});
