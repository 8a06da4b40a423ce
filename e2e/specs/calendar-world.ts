/** A day in Outlook, as the plugin's routes answer it. */

import type { Page } from "@playwright/test";
import { expect, type MemberPage, refused } from "./member-fixture.ts";

/** 2026-11-30 is a Monday. */
export const TODAY = "2026-11-30";
export const NOW = "2026-11-30T09:40:00Z";

export interface SpecEvent {
  readonly id: string;
  readonly [field: string]: unknown;
}

export function event(id: string, start: string, end: string, more: object = {}): SpecEvent {
  return {
    ...{
      id,
      iCalUId: id,
      subject: id,
      start,
      end,
      zone: "UTC",
      allDay: false,
      location: "",
      description: "",
    },
    ...{ type: "singleInstance", seriesMasterId: null, showAs: "busy", private: false, cancelled: false },
    ...{ isOrganizer: false, organizer: { name: "Sam Rivera", address: "sam@harbor.example" } },
    ...{ attendees: [], response: "accepted", answer: "accept", unanswered: false, answerable: true },
    ...{ proposalsAllowed: true, joinUrl: null, webLink: "https://outlook.invalid/item" },
    ...more,
  };
}

export const day = (): SpecEvent[] => [
  event("Harbour festival", "2026-11-30", "2026-12-01", {
    allDay: true,
    showAs: "free",
    answerable: false,
    isOrganizer: true,
    answer: null,
  }),
  event("Stand-up", "2026-11-30T09:00", "2026-11-30T09:30", {
    joinUrl: "https://teams.invalid/l/meetup-join/1",
    seriesMasterId: "series-1",
    location: "Bridge",
  }),
  event("Berth planning", "2026-11-30T10:00", "2026-11-30T11:30", {
    location: "Room 4",
    answer: null,
    response: "notResponded",
    unanswered: true,
    attendees: [{ name: "Jo Park", address: "jo@harbor.example" }],
  }),
  event("Call with the pilots", "2026-11-30T10:30", "2026-11-30T11:00", {
    answer: "tentative",
    showAs: "tentative",
  }),
  event("Lunch with Mia", "2026-11-30T12:00", "2026-11-30T13:00", {
    answer: null,
    isOrganizer: true,
    answerable: false,
  }),
  event("Retrospective", "2026-12-01T14:00", "2026-12-01T15:00", { answer: "decline" }),
];

/** Answers the calendar's routes of `member` with these events, which a spec may change. */
export async function calendarWorld(member: MemberPage, events: SpecEvent[] = day()): Promise<SpecEvent[]> {
  member.features = { calendar: true };
  member.on("GET /api/v1/calendar/events", () =>
    member.connected ? { json: events } : refused(409, "not_connected"),
  );
  member.on("POST /api/v1/calendar/events/*/answer", ({ body, path }) => {
    const id = decodeURIComponent(path.split("/")[5] ?? "");
    const at = events.findIndex((one) => one.id === id);
    const found = events[at];
    if (!found) return refused(404, "event_gone");
    events[at] = { ...found, answer: body.answer, unanswered: false };
    return { json: events[at] };
  });
  member.on("POST /api/v1/calendar/events", ({ body }) => {
    const made = event(`new-${body.requestId}`, String(body.start), String(body.end), {
      ...body,
      isOrganizer: true,
      answer: null,
      answerable: false,
      attendees: [],
    });
    events.push(made);
    return { status: 201, json: { ...made, notInvited: [] } };
  });
  member.on("GET /api/v1/calendar/attendees", ({ query }) => {
    const people = [
      { userId: "j".repeat(26), username: "jo", name: "Jo Park", connected: true },
      { userId: "m".repeat(26), username: "mia", name: "Mia Novak", connected: false },
    ];
    const search = (query.get("search") ?? "").toLowerCase();
    return { json: people.filter(({ name }) => name.toLowerCase().startsWith(search)) };
  });
  // Monday, in the middle of a working day.
  await member.page.clock.install({ time: new Date(NOW) });
  return events;
}

export const side = (page: Page) => page.getByRole("region", { name: "Calendar" });
export async function openSidebar(member: MemberPage) {
  await member.open();
  await member.page.getByRole("button", { name: "Calendar", exact: true }).click();
  await expect(side(member.page)).toBeVisible();
  return side(member.page);
}

/** The addresses of the web half's parts that the page requests from now on. */
export function partsLoaded(page: Page): readonly string[] {
  const loaded: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/public/web/")) loaded.push(request.url());
  });
  return loaded;
}
