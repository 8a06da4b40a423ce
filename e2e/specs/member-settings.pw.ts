/** Tests that Teams sends no activities that a member switched off in Mattermost's settings. */

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, type SandboxHandle, test } from "./fixtures.ts";
import { picture } from "./pictures.ts";

async function openSettings(sandbox: SandboxHandle, page: Page) {
  await sandbox.enter(page, "alex");
  await page.getByRole("button", { name: "Settings" }).click();
  const settings = page.getByRole("dialog", { name: "Settings" });
  await expect(settings.getByText("As my admin decided: ")).toBeVisible();
  return settings;
}

test("no activity for direct messages, but still one for a mention", async ({ sandbox, page, browser }) => {
  const teams = await sandbox.openTeams(page);
  await teams.arrive("alex"); // the first sign-in links the accounts

  const own = await (await browser.newContext()).newPage();
  const settings = await openSettings(sandbox, own);
  await settings.getByRole("button", { name: "Edit" }).click();
  await settings.getByLabel("Direct messages").uncheck();
  await settings.getByRole("button", { name: "Save" }).click();
  await expect(settings.getByRole("button", { name: "Save" })).toHaveCount(0);
  await settings.getByRole("button", { name: "Edit" }).click();
  await expect(settings.getByLabel("Direct messages")).not.toBeChecked();
  await expect(settings.getByLabel("Mentions of my name")).toBeChecked();

  await sandbox.post("sam", "@alex", "quiet please");
  await sandbox.post("sam", "operations", "@alex and this you hear");
  await expect
    .poll(async () => (await sandbox.activities()).map((each) => each.preview))
    .toEqual(["@alex and this you hear"]);
});

test("a choice that arrives while the section is open is shown", async ({ sandbox, page }) => {
  const settings = await openSettings(sandbox, page);
  await settings.getByRole("button", { name: "Edit" }).click();
  await settings.getByLabel("Direct messages").uncheck();
  let pass = () => {};
  const passes = new Promise<void>((resolve) => {
    pass = resolve;
  });
  await page.route("**/api/v4/users/me/preferences", async (route) => {
    if (route.request().method() === "GET") await passes;
    await route.continue();
  });
  await settings.getByRole("button", { name: "Save" }).click();
  await settings.getByRole("button", { name: "Edit" }).click();
  await expect(settings.getByLabel("Direct messages")).toBeChecked();
  pass();
  await expect(settings.getByLabel("Direct messages")).not.toBeChecked();
});

test("each choice has a clear label, in the web app's own controls", async ({ sandbox, page }) => {
  const settings = await openSettings(sandbox, page);
  // A closed section shows the effective choice.
  await expect(settings.locator(".section-min__describe")).toHaveText("As my admin decided: notify me");
  await settings.getByRole("button", { name: "Edit" }).click();
  await expect(settings.getByRole("button", { name: "Save" })).toHaveCount(1);
  await picture(page, "member-settings");
  const shown = await settings
    .locator(".setting-list :is(label, legend)")
    .evaluateAll((all) =>
      all
        .filter((each) => each.getBoundingClientRect().width > 1)
        .map((each) => String(each.textContent).trim()),
    );
  // No text appears twice, or people could not tell the two apart.
  expect(shown.filter((text, at) => text !== "" && shown.indexOf(text) !== at)).toEqual([]);
  expect(shown).toContain("Notify me about");
  expect(shown).toContain("While I am online in Mattermost");
  expect(shown).toContain("As my admin decided: notify me anyway");
  const { violations } = await new AxeBuilder({ page }).include(".setting-list").analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
});

test.describe("an admin who decided otherwise", () => {
  test.use({
    start: { settings: { notification_opt_in: true, notification_only_when_away: true } },
  });

  test("is quoted", async ({ sandbox, page }) => {
    const settings = await openSettings(sandbox, page);
    await expect(settings.locator(".section-min__describe")).toHaveText(
      "As my admin decided: do not notify me",
    );
    await settings.getByRole("button", { name: "Edit" }).click();
    await expect(settings.getByRole("group", { name: "While I am online in Mattermost" })).toContainText(
      "As my admin decided: do not notify me",
    );
  });
});

test("a slash command answers only the person who typed it", async ({ sandbox, page }) => {
  await sandbox.enter(page, "alex", "/harbor/channels/operations");
  await page.locator("#post_textbox").fill("/teams");
  await page.locator("#post_textbox").press("Enter");
  await expect(page.locator('.post[data-ephemeral="true"]')).toContainText("/teams notifications");
  const posts = await sandbox.control<{ message: string }[]>("/posts?as=alex&channel=operations");
  expect(posts.some((each) => each.message.includes("/teams"))).toBe(false);
});
