/** Tests the calendar in the right-hand sidebar. */

import { calendarWorld, event, openSidebar, partsLoaded, side } from "./calendar-world.ts";
import { expect, refused, test } from "./member-fixture.ts";
import { picture } from "./pictures.ts";

test.use({ timezoneId: "UTC" });

test("shows today, with a label of each event for screen readers", async ({ member, page }) => {
  await calendarWorld(member);
  const calendar = await openSidebar(member);
  await expect(calendar.getByRole("heading", { level: 3 })).toHaveText("Today, Monday, November 30");
  await expect(calendar).toMatchAriaSnapshot(`
    - region "Calendar":
      - heading "Today, Monday, November 30" [level=3]
      - button "Previous day"
      - button "Today, Monday, November 30"
      - button "Next day"
      - button "Day" [pressed]
      - button "Week"
      - button "New event"
      - status
      - list "Monday, November 30, All day":
        - listitem:
          - button "All day, Harbour festival"
      - group "Hours of the day":
        - group "Monday, November 30, 5 events":
          - list:
            - listitem:
              - button /9:00 – 9:30.AM, Stand-up, Bridge, Accepted/
            - listitem:
              - button /10:00 – 11:30.AM, Berth planning, Room 4, Not answered/
            - listitem:
              - button /10:30 – 11:00.AM, Call with the pilots, Tentative/
            - listitem:
              - button /12:00 – 1:00.PM, Lunch with Mia/
  `);
  await member.noViolations(".mc-cal");
  await picture(page, "calendar-sidebar");
});

test("shows overlapping events side by side", async ({ member }) => {
  await calendarWorld(member);
  const calendar = await openSidebar(member);
  const boxes = await Promise.all(
    [/Berth planning/, /Call with the pilots/].map((name) =>
      calendar.getByRole("button", { name }).boundingBox(),
    ),
  );
  const [berth, call] = boxes;
  expect(berth && call && berth.x + berth.width <= call.x + 1).toBe(true);
  expect(berth && call && call.y > berth.y && call.y < berth.y + berth.height).toBe(true);
});

test("works with the keyboard alone: through the events, into one, an answer, and back", async ({
  member,
  page,
}) => {
  const events = await calendarWorld(member);
  const calendar = await openSidebar(member);
  const festival = calendar.getByRole("button", { name: /Harbour festival/ });
  // Until the events are there, the next stop is behind the calendar.
  await expect(festival).toBeVisible();
  await calendar.getByRole("button", { name: "New event" }).focus();
  await page.keyboard.press("Tab");
  await expect(festival).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const berth = calendar.getByRole("button", { name: /Berth planning/ });
  await expect(berth).toBeFocused();
  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog", { name: "Berth planning" });
  await expect(sheet.getByRole("heading")).toBeFocused();
  await member.noViolations(".mc-cal");
  await picture(page, "calendar-event");
  await sheet.getByRole("button", { name: "Accept" }).focus();
  await page.keyboard.press("Enter");
  await expect(sheet.getByRole("button", { name: "Accept" })).toHaveAttribute("aria-pressed", "true");
  await expect(calendar.getByRole("status").first()).toHaveText("Berth planning: Accepted");
  expect(events.find(({ id }) => id === "Berth planning")?.answer).toBe("accept");
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);
  await expect(berth).toBeFocused();
  // After the last day comes the next one.
  await page.keyboard.press("ArrowRight");
  await expect(calendar.getByRole("heading", { level: 3 })).toHaveText("Tuesday, December 1");
});

test("shows why the server refuses an answer, and leaves the event unchanged", async ({ member, page }) => {
  await calendarWorld(member);
  member.on("POST /api/v1/calendar/events/*/answer", () => refused(409, "event_past"));
  const calendar = await openSidebar(member);
  await calendar.getByRole("button", { name: /Berth planning/ }).click();
  await page.getByRole("button", { name: "Decline", exact: true }).click();
  await expect(calendar.getByRole("alert")).toHaveText("This event is over.");
  await expect(page.getByRole("button", { name: "Decline", exact: true })).toHaveAttribute(
    "aria-pressed",
    "false",
  );
});

test("sends a comment and another time with the answer", async ({ member, page }) => {
  await calendarWorld(member);
  const calendar = await openSidebar(member);
  await calendar.getByRole("button", { name: /Berth planning/ }).click();
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByLabel("Comment for the organizer").fill("Too early");
  const proposal = page.getByRole("group", { name: "Propose another time" });
  await proposal.getByLabel("Date").focus();
  await proposal.getByLabel("Start").fill("15:00");
  await proposal.getByLabel("End").fill("16:00");
  await page.getByRole("button", { name: "Tentative", exact: true }).click();
  await expect.poll(() => member.asked.filter(({ method }) => method === "POST").length).toBe(1);
  expect(member.asked.find(({ method }) => method === "POST")?.body).toEqual({
    answer: "tentative",
    comment: "Too early",
    proposedStart: "2026-11-30T15:00",
    proposedEnd: "2026-11-30T16:00",
    zone: "UTC",
  });
});

test("a change in Outlook arrives over the web socket and is announced", async ({ member }) => {
  const events = await calendarWorld(member);
  const calendar = await openSidebar(member);
  await expect(calendar.getByRole("button", { name: /Stand-up/ })).toBeVisible();
  events.push(event("Fire drill", "2026-11-30T14:00", "2026-11-30T14:30"));
  await member.tell("calendar_changed");
  await expect(calendar.getByRole("button", { name: /Fire drill/ })).toBeVisible();
  await expect(calendar.getByRole("status").first()).toContainText("New: Fire drill");
});

test("shows a week as a list if it is narrow, in columns if it is wide", async ({ member, page }) => {
  await calendarWorld(member);
  const calendar = await openSidebar(member);
  await calendar.getByRole("button", { name: "Week" }).click();
  await expect(calendar.getByRole("heading", { level: 3 })).toHaveText("Nov 29 – Dec 5, 2026");
  await expect(calendar.getByRole("heading", { level: 4 }).first()).toHaveText("Today, Monday, November 30");
  await expect(calendar.getByRole("button", { name: /Retrospective, Declined/ })).toBeVisible();
  await member.noViolations(".mc-cal");
  await picture(page, "calendar-week-narrow");
  await page.addStyleTag({
    content: '.app[data-side="true"] { grid-template-columns: 120px 1fr 760px !important; }',
  });
  await expect(
    calendar
      .getByRole("group", { name: "Tuesday, December 1, 1 events" })
      .or(calendar.getByRole("group", { name: "Tuesday, December 1, 1 event" })),
  ).toBeVisible();
  await member.noViolations(".mc-cal");
  await picture(page, "calendar-week");
  await calendar.getByRole("button", { name: /Lunch with Mia/ }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(calendar.getByRole("button", { name: /Retrospective/ })).toBeFocused();
});

test("a free slot opens the form at its time", async ({ member, page }) => {
  await calendarWorld(member);
  const calendar = await openSidebar(member);
  const group = calendar.getByRole("group", { name: /Monday, November 30/ });
  // 16:10, at 0.8 pixels a minute.
  await group.click({ position: { x: 100, y: (16 * 60 + 10) * 0.8 } });
  const form = page.getByRole("dialog", { name: "Create calendar event" });
  await expect(form.getByLabel("Start time")).toHaveValue("16:00");
  await expect(form.getByLabel("End time")).toHaveValue("16:30");
});

test("offers a person without a connection to connect, and shows the calendar afterwards", async ({
  member,
  page,
}) => {
  await calendarWorld(member);
  member.connected = false;
  const calendar = await openSidebar(member);
  await expect(calendar.getByRole("button", { name: /^Connect/ })).toBeVisible();
  await member.noViolations(".mc-cal");
  await picture(page, "calendar-not-connected");
  member.connected = true;
  await member.tell("connected");
  await expect(calendar.getByRole("button", { name: /Stand-up/ })).toBeVisible();
});

for (const [name, answer, says] of [
  ["the server is away", "unreachable", "The server cannot be reached"],
  ["Microsoft is away", refused(503, "microsoft_unreachable"), "Microsoft 365 cannot be reached"],
  ["no mailbox", refused(409, "event_no_mailbox"), "no mailbox in the cloud"],
  ["a defect", refused(500, "internal"), "Request r1"],
] as const) {
  test(`${name}: shows an explanation and what to do next`, async ({ member }) => {
    await calendarWorld(member);
    let isAway = true;
    member.on("GET /api/v1/calendar/events", () => (isAway ? answer : { json: [] }));
    const calendar = await openSidebar(member);
    await expect(calendar.getByRole("alert")).toContainText(says);
    isAway = false;
    await calendar.getByRole("button", { name: "Try again" }).click();
    await expect(calendar.getByText("Nothing is planned for this day.")).toBeVisible();
  });
}

test("is readable in a dark theme", async ({ member, page }) => {
  await calendarWorld(member);
  const calendar = await openSidebar(member);
  await member.darken();
  await calendar.getByRole("button", { name: /Berth planning/ }).click();
  await member.noViolations(".mc-cal");
  await picture(page, "calendar-dark");
});

test("shows, loads and requests nothing while the calendar is switched off", async ({ member, page }) => {
  const loaded = partsLoaded(page);
  await calendarWorld(member);
  member.features = { calendar: false };
  await member.open();
  await expect.poll(() => member.of("GET", "/api/v1/features").length).toBe(1);
  await expect(page.getByRole("button", { name: "Calendar", exact: true })).toHaveCount(0);
  await expect(page.getByRole("button", { name: /channel menu/ })).toHaveCount(0);
  expect(member.asked.filter(({ path }) => path.includes("calendar"))).toEqual([]);
  expect(loaded).toEqual([]);
});

test("loads and requests nothing until it is opened", async ({ member, page }) => {
  const loaded = partsLoaded(page);
  await calendarWorld(member);
  await member.open();
  await expect(page.getByRole("button", { name: "Calendar", exact: true })).toBeVisible();
  expect(loaded).toEqual([]);
  expect(member.asked.filter(({ path }) => path.includes("calendar"))).toEqual([]);
});

test("after an upgrade removed a part: shows an explanation and what to do next", async ({
  member,
  page,
}) => {
  await calendarWorld(member);
  let isGone = true;
  await page.route(/\/public\/web\//, (route) =>
    isGone ? route.fulfill({ status: 404 }) : route.continue(),
  );
  await member.open();
  await page.getByRole("button", { name: "Calendar", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("The plugin may have been updated.");
  isGone = false;
  await page.getByRole("button", { name: "Reload the page" }).click();
  await page.getByRole("button", { name: "Calendar", exact: true }).click();
  await expect(side(page).getByRole("button", { name: /Stand-up/ })).toBeVisible();
});
