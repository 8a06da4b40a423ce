/** Tests that in Arabic everything is mirrored, and the arrow keys too. */

import type { Page, Route } from "@playwright/test";
import { calendarWorld } from "./calendar-world.ts";
import { expect, type MemberPage, test } from "./member-fixture.ts";
import { picture } from "./pictures.ts";

test.use({ timezoneId: "UTC" });

/** Alex has chosen Arabic in Mattermost. */
async function inArabic(page: Page) {
  const change = async (route: Route) => {
    const response = await route.fetch();
    const body = await response.json();
    const arabic = (user: { username?: string }) =>
      user.username === "alex" ? { ...user, locale: "ar" } : user;
    await route.fulfill({ response, json: Array.isArray(body) ? body.map(arabic) : arabic(body) });
  };
  await page.route(/\/api\/v4\/users(\/me)?(\?.*)?$/, change);
}

async function openCalendar(member: MemberPage) {
  await calendarWorld(member);
  await inArabic(member.page);
  await member.open();
  await member.page.getByRole("button", { name: "التقويم", exact: true }).click();
  const calendar = member.page.getByRole("region", { name: "التقويم" });
  await expect(calendar.getByRole("button", { name: /Stand-up/ })).toBeVisible();
  return calendar;
}

test("the sidebar", async ({ member, page }) => {
  const calendar = await openCalendar(member);
  await expect(calendar).toHaveAttribute("dir", "rtl");
  const [whole, event] = [
    await calendar.boundingBox(),
    await calendar.getByRole("button", { name: /Stand-up/ }).boundingBox(),
  ];
  // The hours are on the right.
  expect(event && whole && event.x - whole.x).toBeLessThan(20);
  await member.noViolations(".mc-cal");
  await picture(page, "calendar-right-to-left");
  await calendar.getByRole("button", { name: /Lunch with Mia/ }).focus();
  await page.keyboard.press("ArrowLeft");
  await expect(calendar.getByRole("heading", { level: 3 })).toContainText("الثلاثاء");
});

test("the form", async ({ member, page }) => {
  const calendar = await openCalendar(member);
  await calendar.getByRole("button", { name: "حدث جديد" }).click();
  const dialog = page.getByRole("dialog", { name: "إنشاء حدث في التقويم" });
  await expect(dialog).toHaveAttribute("dir", "rtl");
  await dialog.getByRole("button", { name: "إنشاء", exact: true }).click();
  await expect(dialog.getByLabel("الموضوع")).toHaveAccessibleDescription("يحتاج الحدث إلى موضوع.");
  await member.noViolations("dialog");
});
