/** Tests the rule that decides who gets a message, as a table. */

import { describe, expect, test } from "bun:test";
import { isWithin } from "../../../platform/preferences/index.ts";
import { type ChatKind, kindOf, pairOf } from "../chat-ids.ts";
import { readIncoming } from "../delivery/incoming.ts";
import { type Choices, chatPreferences, noChoices } from "../members/choices.ts";
import { type Discarded, type RecipientFacts, refusedAtOnce, refusedByPresence } from "./gate.ts";
import { type PresenceState, presenceStates, stateOf } from "./presence-states.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 28, 12);
const facts: RecipientFacts = {
  choices: noChoices,
  defaultOn: true,
  kind: "direct",
  fromApp: false,
  isActive: true,
  mutedUntil: null,
  now: NOW,
  minuteOfDay: 12 * 60,
};
const choose = (change: Partial<Choices>): Partial<RecipientFacts> => ({
  choices: { ...noChoices, ...change },
});

describe("decisions that need no presence", () => {
  const cases: [string, Partial<RecipientFacts>, Discarded | null][] = [
    ["somebody who never chose, on by default", {}, null],
    ["somebody who never chose, off by default", { defaultOn: false }, "user_disabled_notifications"],
    ["switched on, off by default", { ...choose({ on: true }), defaultOn: false }, null],
    ["switched off, on by default", choose({ on: false }), "user_disabled_notifications"],
    [
      "switched off, off by default",
      { ...choose({ on: false }), defaultOn: false },
      "user_disabled_notifications",
    ],
    ["a deactivated account", { isActive: false }, "account_inactive"],
    [
      "a deactivated account that is switched off",
      { isActive: false, ...choose({ on: false }) },
      "account_inactive",
    ],
    ["muted for good", { mutedUntil: 0 }, "chat_muted"],
    ["muted for another minute", { mutedUntil: NOW + 60_000 }, "chat_muted"],
    ["muted until now", { mutedUntil: NOW }, null],
    ["muted until an hour ago", { mutedUntil: NOW - HOUR }, null],
    ["muted and switched off", { mutedUntil: 0, ...choose({ on: false }) }, "user_disabled_notifications"],
    ["a meeting, by default", { kind: "meeting" }, null],
    ["a meeting, without meetings", { kind: "meeting", ...choose({ meetings: false }) }, "meeting_chats_off"],
    ["a group, without meetings", { kind: "group", ...choose({ meetings: false }) }, null],
    ["a direct chat, without meetings", choose({ meetings: false }), null],
    ["an app, by default", { fromApp: true }, null],
    ["an app, without bots", { fromApp: true, ...choose({ bots: false }) }, "bots_off"],
    ["a person, without bots", choose({ bots: false }), null],
    [
      "an app in a meeting, without meetings and bots",
      { fromApp: true, kind: "meeting", ...choose({ bots: false, meetings: false }) },
      "meeting_chats_off",
    ],
    ["grouping decides nothing here", choose({ grouping: true }), null],
    ["not while active decides nothing here", choose({ notWhileActive: true }), null],
    ["no state chosen decides nothing here", choose({ states: new Set() }), null],
  ];
  for (const kind of ["direct", "group", "meeting"] as const)
    for (const fromApp of [false, true])
      cases.push([
        `${kind}, ${fromApp ? "an app" : "a person"}, everything allowed`,
        { kind, fromApp },
        null,
      ]);
  for (const [name, given, expected] of cases)
    test(`${name}: ${expected ?? "goes on"}`, () =>
      expect(refusedAtOnce({ ...facts, ...given })).toBe(expected));
});

describe("quiet hours", () => {
  const night = { from: 22 * 60, to: 7 * 60 };
  const noon = { from: 12 * 60, to: 13 * 60 };
  const cases: [string, { from: number; to: number }, number, boolean][] = [
    ["over midnight, before", night, 21 * 60 + 59, false],
    ["over midnight, first minute", night, 22 * 60, true],
    ["over midnight, at midnight", night, 0, true],
    ["over midnight, last minute", night, 6 * 60 + 59, true],
    ["over midnight, after", night, 7 * 60, false],
    ["over midnight, at noon", night, 12 * 60, false],
    ["within a day, before", noon, 11 * 60 + 59, false],
    ["within a day, first minute", noon, 12 * 60, true],
    ["within a day, last minute", noon, 12 * 60 + 59, true],
    ["within a day, after", noon, 13 * 60, false],
    ["all but a minute", { from: 1, to: 0 }, 0, false],
    ["all but a minute, the others", { from: 1, to: 0 }, 1, true],
  ];
  for (const [name, span, minute, inside] of cases) {
    test(`${name}: ${inside ? "quiet" : "goes on"}`, () => {
      expect(isWithin(span, minute)).toBe(inside);
      const verdict = refusedAtOnce({ ...facts, ...choose({ quiet: span }), minuteOfDay: minute });
      expect(verdict).toBe(inside ? "quiet_hours" : null);
    });
  }
});

/** Whether a state lets a message through by default (scenarios C01 to C06). */
const byDefault: Record<PresenceState, boolean> = {
  Available: false,
  AvailableIdle: true,
  Away: true,
  BeRightBack: false,
  Busy: false,
  BusyIdle: true,
  DoNotDisturb: false,
  InACall: false,
  InAConferenceCall: false,
  Inactive: true,
  InAMeeting: false,
  Offline: true,
  OffWork: true,
  OutOfOffice: false,
  PresenceUnknown: true,
  Presenting: false,
  UrgentInterruptionsOnly: false,
};

describe("presence in Teams", () => {
  for (const state of presenceStates) {
    test(`${state}, by default: ${byDefault[state] ? "notifies" : "is silent"}`, () =>
      expect(refusedByPresence(noChoices, state, false)).toBe(
        byDefault[state] ? null : "user_active_in_teams",
      ));
    test(`${state}, chosen alone: notifies`, () =>
      expect(refusedByPresence({ ...noChoices, states: new Set([state]) }, state, false)).toBeNull());
    test(`${state}, everything else chosen: is silent`, () => {
      const states = new Set(presenceStates.filter((one) => one !== state));
      expect(refusedByPresence({ ...noChoices, states }, state, false)).toBe("user_active_in_teams");
    });
    test(`${state}, online in Mattermost and "not while active": is silent`, () => {
      const choices = { ...noChoices, notWhileActive: true, states: new Set(presenceStates) };
      expect(refusedByPresence(choices, state, true)).toBe("user_active_in_mattermost");
      expect(refusedByPresence(choices, state, false)).toBeNull();
      expect(refusedByPresence({ ...choices, notWhileActive: false }, state, true)).toBeNull();
    });
  }
});

describe("what availability and activity mean together", () => {
  const cases: [string, string, PresenceState][] = [
    ["Available", "Available", "Available"],
    ["AvailableIdle", "Available", "AvailableIdle"],
    ["AvailableIdle", "Inactive", "AvailableIdle"],
    ["BusyIdle", "InAMeeting", "BusyIdle"],
    ["BusyIdle", "Busy", "BusyIdle"],
    ["Busy", "InACall", "InACall"],
    ["Busy", "InAConferenceCall", "InAConferenceCall"],
    ["Busy", "InAMeeting", "InAMeeting"],
    ["DoNotDisturb", "Presenting", "Presenting"],
    ["DoNotDisturb", "UrgentInterruptionsOnly", "UrgentInterruptionsOnly"],
    ["Away", "Away", "Away"],
    ["Away", "Inactive", "Inactive"],
    ["BeRightBack", "BeRightBack", "BeRightBack"],
    ["Offline", "Offline", "Offline"],
    ["Offline", "OffWork", "OffWork"],
    ["Away", "OutOfOffice", "OutOfOffice"],
    ["Offline", "OutOfOffice", "OutOfOffice"],
    ["PresenceUnknown", "PresenceUnknown", "PresenceUnknown"],
    ["", "", "PresenceUnknown"],
    ["Busy", "SomethingNew", "Busy"],
    ["SomethingNew", "SomethingNew", "PresenceUnknown"],
    ["Away", "PresenceUnknown", "Away"],
    ["constructor", "__proto__", "PresenceUnknown"],
  ];
  for (const [availability, activity, state] of cases)
    test(`${availability || "nothing"} and ${activity || "nothing"} are ${state}`, () =>
      expect(stateOf(availability, activity)).toBe(state));
});

describe("the kind of a chat", () => {
  const one = "11111111-2222-3333-4444-555555555555";
  const other = "AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee";
  const cases: [string, ChatKind, boolean][] = [
    [`19:${one}_${other}@unq.gbl.spaces`, "direct", true],
    [`19:${one}_${other}@thread.v2`, "group", false],
    ["19:0123456789abcdef@thread.v2", "group", false],
    ["19:meeting_MjAyNg@thread.v2", "meeting", false],
    ["48:notes", "notes", false],
    [`19:${one}_${one.slice(1)}@unq.gbl.spaces`, "group", false],
    [`x19:${one}_${other}@unq.gbl.spaces`, "group", false],
    ["", "group", false],
  ];
  for (const [id, kind, isPair] of cases)
    test(`${id || "nothing"} is ${kind}`, () => {
      expect(kindOf(id)).toBe(kind);
      expect(pairOf(id)).toEqual(isPair ? [one, other.toLowerCase()] : null);
    });
});

describe("a message as Graph sends it", () => {
  const read = (content: Record<string, unknown>) => readIncoming("19:c", "1700000000001", content);
  const cases: [string, Record<string, unknown>, object][] = [
    [
      "nothing in it",
      {},
      { sender: null, event: null, isDeleted: false, isBlocked: false, createdAt: 1700000000001 },
    ],
    [
      "wrong types everywhere",
      { from: 5, mentions: {}, eventDetail: "x", body: [], policyViolation: 1, createdDateTime: 7 },
      { sender: null, event: null },
    ],
    [
      "a person",
      { from: { user: { id: "u", displayName: "Ben" } } },
      { sender: { userId: "u", name: "Ben", isApp: false } },
    ],
    [
      "a person without a name",
      { from: { user: { id: "u", displayName: null } } },
      { sender: { userId: "u", name: "", isApp: false } },
    ],
    [
      "an app",
      { from: { application: { id: "a", displayName: "Bot" } } },
      { sender: { userId: null, name: "Bot", isApp: true } },
    ],
    [
      "a device",
      { from: { device: { id: "a", displayName: "Phone" } } },
      { sender: { userId: null, name: "Phone", isApp: true } },
    ],
    ["typing", { messageType: "typing" }, { event: "other" }],
    ["a chat event", { messageType: "chatEvent" }, { event: "other" }],
    ["an unknown kind without details is a message", { messageType: "unknownFutureValue" }, { event: null }],
    ["an event by its body", { body: { content: "<systemEventMessage/>" } }, { event: "other" }],
    [
      "members joined",
      { eventDetail: { "@odata.type": "#microsoft.graph.membersJoinedEventMessageDetail" } },
      { event: "members" },
    ],
    [
      "renamed",
      { eventDetail: { "@odata.type": "#microsoft.graph.chatRenamedEventMessageDetail" } },
      { event: "renamed" },
    ],
    ["deleted", { deletedDateTime: "2026-01-01T00:00:00Z" }, { isDeleted: true }],
    ["blocked", { policyViolation: { dlpAction: "notifySender, blockAccess" } }, { isBlocked: true }],
    ["blocked for outsiders", { policyViolation: { dlpAction: "blockAccessExternal" } }, { isBlocked: true }],
    ["only reported", { policyViolation: { dlpAction: "notifySender" } }, { isBlocked: false }],
    [
      "everybody is mentioned",
      { mentions: [{ mentioned: { conversation: { id: "19:c" } } }, null] },
      { mentionsEverybody: true },
    ],
  ];
  for (const [name, content, expected] of cases)
    test(name, () => expect(read(content)).toMatchObject(expected));
});

describe("choices", () => {
  const cases: [string, Record<string, unknown>, Record<string, string>][] = [
    [
      "all of them",
      {
        on: true,
        states: ["Away"],
        meetings: false,
        bots: false,
        quiet: "22:00-07:00",
        notWhileActive: true,
        grouping: true,
      },
      {},
    ],
    ["none", {}, {}],
    ["quiet hours off", { quiet: "" }, {}],
    ["quiet hours null", { quiet: null }, {}],
    ["no state", { states: [] }, {}],
    ["an unknown name", { colour: "red" }, { colour: "unknown" }],
    ["a word for a switch", { on: "on" }, { on: "invalid" }],
    ["an unknown state", { states: ["Asleep"] }, { states: "invalid" }],
    ["states that are not a list", { states: "Away" }, { states: "invalid" }],
    ["a span of nothing", { quiet: "07:00-07:00" }, { quiet: "invalid" }],
    ["a time that there is not", { quiet: "24:00-07:00" }, { quiet: "invalid" }],
    ["a prototype", { constructor: true }, { constructor: "unknown" }],
    ["two problems", { on: 1, grouping: 2 }, { on: "invalid", grouping: "invalid" }],
  ];
  for (const [name, change, problems] of cases)
    test(`${name}: ${Object.keys(problems).length === 0 ? "taken" : "refused, nothing changed"}`, () => {
      const result = chatPreferences.changed(chatPreferences.none, change);
      expect<Record<string, string>>({ ...result.problems }).toEqual(problems);
      if (Object.keys(problems).length > 0) expect(result.choices).toBe(chatPreferences.none);
    });
});
