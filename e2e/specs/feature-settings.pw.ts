/** Tests the features' sections in the person's settings. */

import { expect, type MemberPage, refused, test } from "./member-fixture.ts";
import { picture } from "./pictures.ts";

test.use({ timezoneId: "UTC" });

const chats = () => ({
  ...{
    available: true,
    on: true,
    meetings: true,
    bots: true,
    quiet: "",
    notWhileActive: false,
    grouping: false,
  },
  states: ["Offline", "OffWork", "Inactive", "Away", "AvailableIdle", "BusyIdle", "PresenceUnknown"],
  connected: true,
});
const calendar = () => ({
  ...{
    status: "off",
    confirm: false,
    customStatus: false,
    reminders: false,
    leadMinutes: 10,
    notifications: false,
  },
  summary: { enabled: false, postTime: "08:00", weekdays: [1, 2, 3, 4, 5] },
  ...{ busyShowAs: ["busy"], allDayBusy: false, needAttendee: true, zone: "mailbox" },
});

/** One record behind GET and PUT, merged like on the server. */
function settingsOf<T extends object>(member: MemberPage, path: string, first: T): { current: T } {
  const record = { current: first };
  member.on(`GET ${path}`, () => ({ json: record.current }));
  member.on(`PUT ${path}`, ({ body }) => {
    const { summary, ...rest } = body;
    const before = record.current as T & { summary?: object };
    record.current = {
      ...before,
      ...rest,
      ...(summary ? { summary: { ...before.summary, ...(summary as object) } } : {}),
    };
    return { json: record.current };
  });
  return record;
}

async function openSettings(member: MemberPage) {
  await member.open();
  await member.page.getByRole("button", { name: "Settings" }).click();
  return member.page.getByRole("dialog", { name: "Settings" });
}

test("Teams chats: each choice is saved at once, and a change elsewhere is shown", async ({
  member,
  page,
}) => {
  member.features = { chats: true };
  const record = settingsOf(member, "/api/v1/chats/settings", chats());
  const settings = await openSettings(member);
  const on = settings.getByLabel("Show me new messages of Teams chats");
  await expect(on).toBeChecked();
  await expect(
    settings
      .getByRole("group", { name: "When my status in Teams is" })
      .getByRole("checkbox", { checked: true }),
  ).toHaveCount(7);
  await member.noViolations('[data-part="chats"]');
  await picture(page, "member-settings-chats");
  await settings.getByLabel("Chats of meetings too").uncheck();
  await expect(settings.getByText("Saved.")).toBeVisible();
  await settings.getByLabel("Busy", { exact: true }).check();
  await settings.getByLabel("No messages during these hours").check();
  await expect(settings.getByLabel("Start of quiet hours").last()).toHaveValue("22:00");
  await expect.poll(() => record.current).toMatchObject({ meetings: false, quiet: "22:00-07:00" });
  expect(record.current.states).toContain("Busy");
  // The command `/msteams notifications off`, in another window.
  record.current = { ...record.current, on: false };
  await member.tell("chats_settings");
  await expect(on).not.toBeChecked();
  await expect(settings.getByLabel("Chats of meetings too")).toBeDisabled();
});

test("Teams chats: a value that could not be saved is reset, with a message", async ({ member }) => {
  member.features = { chats: true };
  settingsOf(member, "/api/v1/chats/settings", chats());
  member.on("PUT /api/v1/chats/settings", () => refused(500, "internal"));
  const settings = await openSettings(member);
  await settings.getByLabel("Chats of meetings too").click();
  await expect(settings.getByText("This was not saved.")).toBeVisible();
  await expect(settings.getByLabel("Chats of meetings too")).toBeChecked();
});

test("Teams chats: of two quick choices, neither is reset by the answer to the other", async ({ member }) => {
  member.features = { chats: true };
  const record = settingsOf(member, "/api/v1/chats/settings", chats());
  let times = 0;
  member.on("PUT /api/v1/chats/settings", async ({ body }) => {
    times += 1;
    // The first one takes longer, as on another connection or node.
    if (times === 1) await new Promise((done) => setTimeout(done, 2_000));
    record.current = { ...record.current, ...body };
    return { json: record.current };
  });
  const settings = await openSettings(member);
  await settings.getByLabel("Chats of meetings too").uncheck();
  // Another change causes a read, whose answer contains neither of the two.
  await member.tell("chats_settings");
  await settings.getByLabel("Busy", { exact: true }).check();
  await expect(settings.getByText("Saved.")).toBeVisible();
  await expect(settings.getByLabel("Chats of meetings too")).not.toBeChecked();
  await expect(settings.getByLabel("Busy", { exact: true })).toBeChecked();
  expect(record.current).toMatchObject({ meetings: false, states: expect.arrayContaining(["Busy"]) });
});

test("the calendar: status, reminders, summary and zone are saved at once", async ({ member, page }) => {
  member.features = { calendar: true };
  const record = settingsOf(member, "/api/v1/calendar/settings", calendar());
  const settings = await openSettings(member);
  await expect(settings.getByLabel("Leave my status alone")).toBeChecked();
  await expect(settings.getByLabel("Ask me before my status changes")).toBeDisabled();
  await settings.getByLabel("Set it to Do Not Disturb").check();
  await settings.getByLabel("Ask me before my status changes").check();
  await settings.getByLabel("Reminders before events").check();
  await settings.getByLabel("Remind me").selectOption("outlook");
  await settings.getByLabel("Send me a summary of my day").check();
  await settings.getByLabel("At", { exact: true }).fill("07:15");
  await settings.getByRole("button", { name: "Saturday" }).click();
  await settings.getByRole("combobox", { name: "Time zone" }).selectOption("mattermost");
  await expect
    .poll(() => record.current)
    .toEqual({
      ...calendar(),
      ...{ status: "dnd", confirm: true, reminders: true, leadMinutes: "outlook", zone: "mattermost" },
      summary: { enabled: true, postTime: "07:15", weekdays: [1, 2, 3, 4, 5, 6] },
    });
  await member.noViolations(".mc-member");
  await page.setViewportSize({ width: 1280, height: 960 });
  await settings
    .getByText("Status during meetings", { exact: true })
    .evaluate((element) => element.scrollIntoView());
  for (const label of ["Focus time too", "My other calendars too"])
    await expect(settings.getByLabel(label)).toBeInViewport();
  await picture(page, "member-settings-calendar");
  record.current = { ...record.current, status: "away" };
  await member.tell("calendar_settings");
  await expect(settings.getByLabel("Set it to Away")).toBeChecked();
});

test("a member without a connection gets an offer to connect instead of the choices", async ({ member }) => {
  member.features = { calendar: true };
  member.connected = false;
  member.on("GET /api/v1/calendar/settings", () => refused(409, "not_connected"));
  const settings = await openSettings(member);
  await expect(settings.getByText("Connect your Microsoft 365 account first.")).toBeVisible();
  await expect(settings.getByRole("button", { name: /^Connect/ }).last()).toBeVisible();
});

test("features that are off have no section", async ({ member }) => {
  member.features = { calendar: false, chats: false };
  const settings = await openSettings(member);
  await expect(settings.getByText("Notifications in Microsoft Teams").first()).toBeVisible();
  await expect(settings.locator(".mc-member")).toHaveCount(0);
});
