/**
 * Tests the calendar through the whole product: connecting in the sidebar, an event in Outlook, and the admin's
 * switch.
 */

import type { Page } from "@playwright/test";
import { expect, type SandboxHandle, test } from "./fixtures.ts";

// The browser does not know the certificate of the fake Entra.
test.use({ start: { settings: { calendar_enabled: true } }, ignoreHTTPSErrors: true, timezoneId: "UTC" });

/** At the site URL, to which Microsoft redirects the person. */
const enter = (sandbox: SandboxHandle, page: Page) =>
  page.goto(
    `${new URL(sandbox.info.siteUrl).origin}/sandbox/enter?as=alex&to=${encodeURIComponent("/harbor/channels/operations")}`,
  );

test("connects, creates an event, sees it, and loses the calendar when the admin switches it off", async ({
  sandbox,
  page,
}) => {
  await enter(sandbox, page);
  const open = page.getByRole("button", { name: "Calendar", exact: true });
  await open.click();
  const calendar = page.getByRole("region", { name: "Calendar" });
  const [popup] = await Promise.all([
    page.context().waitForEvent("page"),
    calendar.getByRole("button", { name: "Connect account" }).click(),
  ]);
  await popup.getByLabel("Alex Morgan").check();
  await popup.getByRole("button", { name: "Agree" }).click();
  await popup.waitForSelector('main[data-outcome="connected"]');
  await popup.close();
  await expect(calendar.getByText("Nothing is planned for this day.")).toBeVisible();

  await calendar.getByRole("button", { name: "New event" }).click();
  const dialog = page.getByRole("dialog", { name: "Create calendar event" });
  await dialog.getByLabel("Subject").fill("Harbour walk");
  await dialog.getByLabel("All day").check();
  await dialog.getByLabel("Online meeting in Microsoft Teams").check();
  const date = await dialog.getByLabel("Start date").inputValue();
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  await expect(dialog).toHaveCount(0);
  // The next half hour may be tomorrow.
  const heading = new Intl.DateTimeFormat("en-US", {
    weekday: "long",
    month: "long",
    day: "numeric",
    timeZone: "UTC",
  });
  const title = calendar.getByRole("heading", { level: 3 });
  if (!(await title.innerText()).includes(heading.format(new Date(date))))
    await calendar.getByRole("button", { name: "Next day" }).click();
  await calendar.getByRole("button", { name: "All day, Harbour walk" }).click();
  const sheet = page.getByRole("dialog", { name: "Harbour walk" });
  await expect(sheet.getByText("You", { exact: true })).toBeVisible();
  await expect(sheet.getByRole("link", { name: "Join" })).toHaveAttribute("href", /^https:/);

  await sandbox.control("/settings", { calendar_enabled: false });
  await expect(open).toHaveCount(0);
  await expect(calendar).toHaveCount(0);
  await sandbox.control("/settings", { calendar_enabled: true });
  await expect(open).toBeVisible();
});
