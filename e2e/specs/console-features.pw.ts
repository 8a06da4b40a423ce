/** Tests the System Console: an admin switches a feature on, grants its rights, and changes from Microsoft arrive. */

import { expect, test } from "./console-fixture.ts";

test.use({ start: { fresh: true } });

test("a feature that is switched on names its permissions, gets them by the repair, and is subscribed", async ({
  console: page,
}) => {
  await page.open();
  await page.setUp();
  await page.go("Changes");
  await expect(page.page.getByText("nothing is subscribed")).toBeVisible();

  await page.go("Chats, channels, calendar");
  await page.page.locator('[data-setting="chats_enabled"]').getByRole("radio", { name: "Yes" }).check();
  await page.save();
  const all = page.page.locator('[data-part="permissions"]');
  await all.getByText("What each permission is for").click();
  const permission = all.getByRole("row", { name: /Chat\.Read\.All/ });
  await expect(permission).toContainText("Application");
  await expect(permission).toContainText("Messages of Teams chats do not arrive.");
  await expect(all.getByRole("row", { name: /Calendars/ })).toHaveCount(0);

  await page.runChecks();
  await expect(page.check("roles")).toHaveAttribute("data-state", "problem");
  await expect(page.check("roles")).toContainText("Chat.Read.All is missing.");

  await page.go("Connect to Microsoft");
  await page.button("Set up with Microsoft").click();
  await page.signIn();
  await page.button("Show what will be done").click();
  await expect(page.page.locator('[data-step="redirect_uri"]')).toContainText("/oauth2/complete");
  await page.button("Make these changes").click();
  await expect(page.page.getByText("Done. The settings are filled in and saved.")).toBeVisible();
  await page.button("Close").click();

  await page.runChecks();
  await expect(page.check("roles")).toHaveAttribute("data-state", "ok");

  await page.go("Changes");
  const subscription = page.page.getByRole("row", { name: /All chats of the organisation/ });
  await expect(async () => {
    await page.button("Try again now").click();
    await expect(subscription).toHaveAttribute("data-state", "ok", { timeout: 15_000 });
  }).toPass({ timeout: 120_000 });
  await expect(page.page.locator("[data-reach]")).toHaveAttribute("data-reach", "reached");
});
