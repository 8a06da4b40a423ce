import { describe, expect, test } from "bun:test";
import { makesBusy } from "./spans.ts";
import { event, guest, type Json } from "./testing/events.ts";

const settings = { busyShowAs: ["busy"], allDayBusy: false, needAttendee: true } as const;
const me = { emailAddress: { name: "Sam", address: "Sam@example.com" } };
const own = (attendees: readonly Json[]) => ({ isOrganizer: true, organizer: me, attendees });

describe("other people make a meeting", () => {
  const cases: [string, Json, boolean][] = [
    ["a guest", own([guest("Kim Sample")]), true],
    ["nobody", own([]), false],
    ["a room", own([guest("Room", "resource")]), false],
    ["the organiser alone, who invited themselves", own([guest("Sam")]), false],
    ["the organiser and a guest", own([guest("Sam"), guest("Kim Sample")]), true],
    ["me as the only guest of somebody else", { attendees: [guest("Sam")] }, true],
    [
      "the organiser under another address of theirs, with a guest",
      { ...own([guest("Samuel"), guest("Kim")]) },
      true,
    ],
    [
      "a guest without an address",
      own([{ type: "required", emailAddress: { name: "X", address: "" } }]),
      true,
    ],
    ["guests that Graph leaves out", own(null as never), false],
  ];
  for (const [name, different, expected] of cases)
    test(`${name}: ${expected}`, () => {
      expect(makesBusy(event("a", "2026-06-15T08:00/09:00", different), settings)).toBe(expected);
    });
});
