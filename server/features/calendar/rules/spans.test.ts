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

describe("focus time", () => {
  const wanted = { ...settings, focusBlocks: true };
  const cases: [string, Json, boolean][] = [
    ["by its subject", { ...own([]), subject: "Focus time" }, true],
    ["in another language, whatever the case", { ...own([]), subject: " FOKUSZEIT " }, true],
    ["by a category", { ...own([]), subject: "Write the report", categories: ["Blue", "Focus time"] }, true],
    ["a word about it", { ...own([]), subject: "Talk about focus time" }, false],
    ["another own block", { ...own([]), subject: "Lunch" }, false],
    ["that is shown as free", { ...own([]), subject: "Focus time", showAs: "free" }, false],
    ["that was cancelled", { ...own([]), subject: "Focus time", isCancelled: true }, false],
    ["categories that Graph leaves out", { ...own([]), subject: "Lunch", categories: null }, false],
  ];
  for (const [name, different, expected] of cases)
    test(`${name}: ${expected}; without the choice never`, () => {
      const one = event("a", "2026-06-15T08:00/09:00", different);
      expect([makesBusy(one, wanted), makesBusy(one, settings)]).toEqual([expected, false]);
    });
});
