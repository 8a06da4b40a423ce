/** Tests the form for a new event, in all the ways of opening it. */

import type { Page } from "@playwright/test";
import { calendarWorld, day } from "./calendar-world.ts";
import { expect, type MemberPage, refused, test } from "./member-fixture.ts";
import { picture } from "./pictures.ts";

test.use({ timezoneId: "UTC" });

const form = (page: Page) => page.getByRole("dialog", { name: "Create calendar event" });
const created = (member: MemberPage) => member.of("POST", "/api/v1/calendar/events");

async function fromChannelMenu({ page }: MemberPage) {
  await page.getByRole("button", { name: "Operations channel menu" }).click();
  await page.getByRole("menuitem", { name: "Create calendar event" }).click();
  await expect(form(page).getByLabel("Subject")).toBeFocused();
  return form(page);
}

test("an event is created with the keyboard alone, from the channel menu on", async ({ member, page }) => {
  await calendarWorld(member);
  await member.open();
  const menu = page.getByRole("button", { name: "Operations channel menu" });
  await menu.focus();
  await page.keyboard.press("Enter");
  // If linked channels are on, the calendar's entry follows theirs.
  await expect(page.getByRole("menuitem", { name: "Create calendar event" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(form(page).getByLabel("Subject")).toBeFocused();
  await page.keyboard.type("Tide tables");
  await form(page).getByLabel("Start time").fill("14:00");
  await expect(form(page).getByLabel("End time")).toHaveValue("14:30");
  await form(page).getByRole("combobox", { name: "Add a guest" }).focus();
  await page.keyboard.type("jo");
  await expect(page.getByRole("option", { name: /Jo Park/ })).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.type("pilot@port.example");
  await page.keyboard.press("Enter");
  await expect(form(page).getByRole("list", { name: "Guests" }).getByRole("listitem")).toHaveCount(2);
  await member.noViolations("dialog");
  await picture(page, "calendar-form");
  await form(page).getByRole("button", { name: "Create", exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(form(page)).toHaveCount(0);
  await expect(menu).toBeFocused();
  expect(created(member)).toHaveLength(1);
  expect(created(member)[0]?.body).toEqual({
    requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
    ...{ subject: "Tide tables", start: "2026-11-30T14:00", end: "2026-11-30T14:30", zone: "UTC" },
    ...{ allDay: false, location: "", description: "", onlineMeeting: false },
    attendees: ["j".repeat(26), "pilot@port.example"],
  });
});

test("the dialog keeps the focus, Escape closes it, and nothing was sent", async ({ member, page }) => {
  await calendarWorld(member);
  await member.open();
  const dialog = await fromChannelMenu(member);
  await expect(dialog).toMatchAriaSnapshot(`
    - dialog "Create calendar event":
      - heading "Create calendar event" [level=1]
      - button "Close"
      - text: Subject
      - textbox "Subject"
      - group "Start":
        - textbox "Start date"
        - textbox "Start time"
        - checkbox "All day"
      - group "End":
        - textbox "End date"
        - textbox "End time"
  `);
  for (let presses = 0; presses < 60; presses += 1) await page.keyboard.press("Tab");
  expect(
    await page.evaluate(
      "document.activeElement?.closest('dialog') !== null || document.activeElement === document.body",
    ),
  ).toBe(true);
  await form(page).getByLabel("Subject").focus();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  expect(created(member)).toHaveLength(0);
});

test("an event may be all day, across days, a Teams meeting, every other week, and posted in the channel", async ({
  member,
}) => {
  await calendarWorld(member);
  await member.open();
  const dialog = await fromChannelMenu(member);
  await dialog.getByLabel("Subject").fill("Exercise");
  await dialog.getByLabel("All day").check();
  await dialog.getByLabel("Last day").last().fill("2026-12-02");
  await dialog.getByLabel("Online meeting in Microsoft Teams").check();
  await dialog.getByLabel("Post it in Operations").check();
  await dialog.getByLabel("Repeat").last().selectOption("weekly");
  await dialog.getByLabel("Interval").fill("2");
  await dialog.getByRole("button", { name: "Wednesday" }).click();
  await dialog.getByLabel("Until").fill("2027-01-31");
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  await expect(dialog).toHaveCount(0);
  expect(created(member)[0]?.body).toMatchObject({
    ...{ allDay: true, start: "2026-11-30", end: "2026-12-03", onlineMeeting: true },
    channelId: expect.stringMatching(/^[a-z0-9]{26}$/),
    recurrence: {
      pattern: { type: "weekly", interval: 2, daysOfWeek: ["monday", "wednesday"], firstDayOfWeek: "monday" },
      range: { type: "endDate", endDate: "2027-01-31" },
    },
  });
});

test("the end moves with the start, across midnight", async ({ member }) => {
  await calendarWorld(member);
  await member.open();
  const dialog = await fromChannelMenu(member);
  await dialog.getByLabel("Subject").fill("Night watch");
  await dialog.getByLabel("Start time").fill("23:45");
  await expect(dialog.getByLabel("End date")).toHaveValue("2026-12-01");
  await expect(dialog.getByLabel("End time")).toHaveValue("00:15");
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  await expect(dialog).toHaveCount(0);
  expect(created(member)[0]?.body).toMatchObject({ start: "2026-11-30T23:45", end: "2026-12-01T00:15" });
});

test("a missing value is reported at its field, before anything is sent", async ({ member, page }) => {
  await calendarWorld(member);
  await member.open();
  const dialog = await fromChannelMenu(member);
  await dialog.getByLabel("End date").fill("2026-11-29");
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  const subject = dialog.getByLabel("Subject");
  await expect(subject).toHaveAccessibleDescription("An event needs a subject.");
  await expect(subject).toBeFocused();
  await expect(dialog.getByText("The end must be after the start.")).toBeVisible();
  expect(created(member)).toHaveLength(0);
  await member.noViolations("dialog");
  await picture(page, "calendar-form-errors");
});

test("the server's code for a field is shown at that field, and the next try is the same submission", async ({
  member,
}) => {
  await calendarWorld(member);
  let isWrong = true;
  member.on("POST /api/v1/calendar/events", () =>
    isWrong
      ? refused(400, "event_fields", { errors: { start: "start_past", attendees: "attendee_unknown" } })
      : { status: 201, json: { notInvited: [] } },
  );
  await member.open();
  const dialog = await fromChannelMenu(member);
  await dialog.getByLabel("Subject").fill("Yesterday");
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  await expect(dialog.getByText("This time is over.")).toBeVisible();
  await expect(dialog.getByText("One of these people is not known.")).toBeVisible();
  await expect(dialog.getByLabel("Start date")).toBeFocused();
  isWrong = false;
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  await expect(dialog).toHaveCount(0);
  const ids = created(member).map(({ body }) => body.requestId);
  expect(ids).toEqual([ids[0], ids[0]]);
});

test("two presses create one event", async ({ member }) => {
  await calendarWorld(member);
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  member.on("POST /api/v1/calendar/events", async () => {
    await released;
    return { status: 201, json: {} };
  });
  await member.open();
  const dialog = await fromChannelMenu(member);
  await dialog.getByLabel("Subject").fill("Once");
  await dialog.getByRole("button", { name: "Create", exact: true }).dblclick();
  await dialog.getByLabel("Subject").press("Enter");
  await expect(dialog.getByRole("button", { name: "Creating…" })).toBeVisible();
  await dialog.getByLabel("Subject").press("Escape");
  await expect(dialog).toBeVisible();
  release();
  await expect(dialog).toHaveCount(0);
  expect(created(member)).toHaveLength(1);
});

test("the form reports that the server is unreachable, and keeps the typed text", async ({ member }) => {
  await calendarWorld(member);
  member.on("POST /api/v1/calendar/events", () => "unreachable");
  await member.open();
  const dialog = await fromChannelMenu(member);
  await dialog.getByLabel("Subject").fill("Patience");
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("The server cannot be reached");
  await expect(dialog.getByLabel("Subject")).toHaveValue("Patience");
});

test("the form names the people who cannot be invited", async ({ member, page }) => {
  await calendarWorld(member);
  member.on("POST /api/v1/calendar/events", () => ({ status: 201, json: { notInvited: ["m".repeat(26)] } }));
  await member.open();
  const dialog = await fromChannelMenu(member);
  await dialog.getByLabel("Subject").fill("With Mia");
  await dialog.getByRole("combobox", { name: "Add a guest" }).fill("mia");
  await page.getByRole("option", { name: /Mia Novak.*not connected/ }).click();
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("Mia Novak");
});

test("a form that is opened from a post has its text, a link back, and the people of its thread", async ({
  member,
  page,
}) => {
  await calendarWorld(member, day());
  await member.open();
  const post = page.locator(".post", { hasText: "Tide gauge reads" });
  await post.getByRole("button", { name: "more" }).click();
  await post.getByRole("menuitem", { name: "Create calendar event" }).click();
  const dialog = form(page);
  await expect(dialog.getByLabel("Subject")).toHaveValue(/^Tide gauge reads 1\.9 m and falling/);
  await expect(dialog.getByLabel("Description")).toHaveValue(/\/harbor\/pl\/[a-z0-9]{26}$/);
  await dialog.getByRole("button", { name: "Add Jo Lindqvist" }).click();
  await expect(dialog.getByRole("list", { name: "Guests" })).toContainText("Jo Lindqvist");
  await member.noViolations("dialog");
  await picture(page, "calendar-form-post");
});

test("the form proposes a time at which the people of the channel are free", async ({ member, page }) => {
  await calendarWorld(member);
  member.on("POST /api/v1/calendar/times", ({ body }) => {
    expect(body).toMatchObject({ minutes: 30, channelId: expect.any(String) });
    return {
      json: {
        zone: "UTC",
        members: [],
        proposals: [{ start: "2026-12-01T09:00", end: "2026-12-01T09:30", free: 3, known: 4 }],
      },
    };
  });
  await member.open();
  const dialog = await fromChannelMenu(member);
  await dialog.getByRole("button", { name: "Find a time" }).click();
  await dialog.getByRole("button", { name: /Tuesday, December 1.*3 of 4 are free/ }).click();
  await expect(dialog.getByLabel("Start date")).toHaveValue("2026-12-01");
  await expect(dialog.getByLabel("End time")).toHaveValue("09:30");
  await expect(page.getByRole("dialog")).toHaveCount(1);
});

test("the form fits into a narrow window, and into a dark theme", async ({ member, page }) => {
  await calendarWorld(member);
  await member.open();
  const dialog = await fromChannelMenu(member);
  await member.darken();
  await page.setViewportSize({ width: 360, height: 640 });
  await member.noViolations("dialog");
  expect(await dialog.evaluate(({ clientWidth, scrollWidth }) => scrollWidth <= clientWidth)).toBe(true);
  await picture(page, "calendar-form-narrow");
});
