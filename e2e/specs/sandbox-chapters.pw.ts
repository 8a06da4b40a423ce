/**
 * Tests that the buttons of the sandbox's page lead through all four systems, and that both sides show what each
 * button does.
 */

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { picture } from "./pictures.ts";

test.use({ viewport: { width: 1600, height: 1000 } });

const chapter = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Chapters" }).getByRole("button", { name }).click();

/** Presses the button of a step and waits for its tick. */
async function step(page: Page, title: string): Promise<void> {
  const item = page.locator(".steps li").filter({ hasText: title });
  await item.getByRole("button").click();
  await expect(item).toHaveAttribute("data-done", "true");
  await expect(page.getByRole("alert")).toHaveCount(0);
}

test("the buttons lead from the tab to a meeting, in four chapters", async ({ sandbox, page }) => {
  test.slow();
  const began = Date.now();
  await page.goto(sandbox.url);
  const teams = page.frameLocator('iframe[title="Teams"]');
  const window = (name: string) => teams.frameLocator(`iframe[title="${name}"]`);
  const mattermost = page.frameLocator('iframe[title="Mattermost"]');
  const posts = mattermost.locator(".post");

  await step(page, "Open the tab");
  await step(page, "Be mentioned");
  await teams.locator(".feed-item").first().click();

  await chapter(page, "Teams chats");
  await step(page, "Switch Teams chats on");
  await step(page, "Connect Sam’s account");
  await step(page, "Write in Teams");
  await expect(posts.filter({ hasText: "Truck 2 is loaded" })).toContainText("Alex Morgan");
  await step(page, "Answer from Mattermost");
  await expect(window("Chat").getByText("Yes, by the coast road.")).toBeVisible();
  await picture(page, "sandbox-chats");

  await chapter(page, "Linked channels");
  await step(page, "Switch linked channels on");
  await step(page, "Link a channel");
  await step(page, "Write in Mattermost");
  await expect(window("Teams").getByText("Convoy 2 leaves at 14:00.")).toBeVisible();
  await step(page, "Answer in Teams");
  await expect(posts.filter({ hasText: "at gate B" }).last()).toContainText("ready");
  await picture(page, "sandbox-channels");

  await chapter(page, "Calendar");
  await step(page, "Switch the calendar on");
  await step(page, "Invite Sam");
  await expect(posts.filter({ hasText: "Convoy briefing" }).last()).toBeVisible();
  await picture(page, "sandbox-calendar");
  await step(page, "Accept");
  await expect(window("Calendar").getByText("Convoy briefing")).toBeVisible();
  await step(page, "The meeting begins");
  await expect(page.locator('.chapters button[aria-current="step"]')).toContainText("4 of 4");
  const seconds = (Date.now() - began) / 1000;
  // A visitor has ten minutes. The duration depends on the machine, so it is printed and not checked.
  test.info().annotations.push({ type: "time", description: `${seconds.toFixed(0)} s from the first page` });
});

test.describe("without the buttons", () => {
  test("Sam links by the dialog of the channel menu, and both sides follow an edit and a deletion", async ({
    sandbox,
    page,
  }) => {
    for (const body of [
      { path: "/visitor/switch-on", feature: "channels" },
      { path: "/visitor/connect", username: "sam", account: "bot" },
      { path: "/visitor/connect", username: "sam" },
    ])
      await sandbox.control(body.path, body);
    await sandbox.enter(page, "sam", "/harbor/channels/operations");
    await page.getByRole("button", { name: "Operations channel menu" }).click();
    await page.getByRole("menuitem", { name: "Link to a Teams channel" }).click();
    const dialog = page.getByRole("dialog", { name: "Link to a Teams channel" });
    for (const [box, choice] of [
      ["Team in Microsoft Teams", "Harbor Response"],
      ["Channel in Microsoft Teams", "Convoys"],
    ] as const) {
      await dialog.getByRole("combobox", { name: box }).click();
      await page.getByRole("option", { name: choice }).click();
    }
    await dialog.getByRole("button", { name: "Link", exact: true }).click();
    await expect(dialog.getByRole("status")).toContainText("linked to Convoys");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("button", { name: /^Linked to/ })).toBeVisible();

    const teams = await page.context().newPage();
    await teams.goto(`${sandbox.info.teamsUrl}/channels`);
    await sandbox.post("sam", "operations", "Convoy 3 waits.");
    const bubble = teams.getByRole("listitem").filter({ hasText: "Convoy 3 waits." }).last();
    await expect(bubble).toBeVisible();
    teams.once("dialog", (asked) => void asked.accept("Convoy 3 leaves."));
    await bubble.getByRole("button", { name: "Edit" }).click();
    const post = page.locator(".post").filter({ hasText: "Convoy 3" });
    await expect(post).toContainText("Convoy 3 leaves.");
    await teams.getByRole("button", { name: "👍" }).last().click();
    await expect(post.getByRole("button", { name: /1/ }).first()).toBeVisible();
    await teams.getByRole("button", { name: "Delete" }).last().click();
    await expect(post).toHaveCount(0);
  });
});

test("the page is accessible on a phone and with a screen reader", async ({ sandbox, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(sandbox.url);
  for (const name of ["Teams chats", "Linked channels", "Calendar"]) {
    await chapter(page, name);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  }
  const { violations } = await new AxeBuilder({ page }).include(".chapters").include(".steps").analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
  await picture(page, "sandbox-phone");
});
