import { describe, expect, test } from "bun:test";
import { type CustomInput, decideCustomStatus } from "./custom-status.ts";
import { decideStatus, type StatusInput, type StatusMemory, type StatusNow } from "./status.ts";

const [start, end] = [1000, 2000];
const span = { start, end, events: ["a"] };
const online: StatusNow = { status: "online", manual: false };
const away: StatusNow = { status: "away", manual: true };
const dnd: StatusNow = { status: "dnd", manual: true };
const ours: StatusMemory = { status: "dnd", until: end, prev: online };

interface Case extends Partial<Omit<StatusInput, "settings">> {
  readonly name: string;
  readonly now?: number;
  readonly wish?: "off" | "away" | "dnd";
  readonly confirm?: boolean;
  readonly decides: unknown;
}

const none = (why: string) => ({ do: "none", why });

describe("the status", () => {
  const cases: Case[] = [
    { name: "switched off", wish: "off", decides: none("off") },
    {
      name: "at the first moment",
      now: start,
      decides: { do: "set", status: "dnd", until: end, prev: online },
    },
    { name: "at the end", now: end, decides: none("free") },
    { name: "out of office", mattermost: { status: "ooo", manual: true }, decides: none("ooo") },
    {
      name: "out of office, and a question wanted",
      confirm: true,
      mattermost: { status: "ooo", manual: true },
      decides: none("ooo"),
    },
    { name: "offline", mattermost: { status: "offline", manual: false }, decides: none("offline") },
    {
      name: "offline, and a yes",
      confirm: true,
      question: { until: end, answer: "yes" },
      mattermost: { status: "offline", manual: true },
      decides: none("offline"),
    },
    { name: "the wish is the person's own choice", mattermost: dnd, decides: none("already_set_by_user") },
    { name: "the same, away", wish: "away", mattermost: away, decides: none("already_set_by_user") },
    {
      name: "an automatic away is not a choice",
      wish: "away",
      mattermost: { status: "away", manual: false },
      decides: { do: "set", status: "away", until: end, prev: { status: "away", manual: false } },
    },
    {
      name: "away does not weaken a do-not-disturb",
      wish: "away",
      mattermost: dnd,
      decides: none("never_weaken"),
    },
    {
      name: "ours, with its own end",
      memory: ours,
      mattermost: { ...dnd, endsAt: 60 },
      decides: none("already_ours"),
    },
    {
      name: "do-not-disturb until another time is the person's own choice",
      memory: ours,
      mattermost: { ...dnd, endsAt: 3600 },
      decides: { do: "yield" },
    },
    {
      name: "do-not-disturb until another time stays when the meeting is over",
      now: end,
      memory: ours,
      mattermost: { ...dnd, endsAt: 3600 },
      decides: { do: "forget" },
    },
    {
      name: "do-not-disturb of a server that says no end is ours",
      now: end,
      memory: ours,
      mattermost: { ...dnd, endsAt: 0 },
      decides: { do: "restore", status: "online", manual: false },
    },
    {
      name: "do-not-disturb is stronger than away",
      mattermost: away,
      decides: { do: "set", status: "dnd", until: end, prev: away },
    },
    { name: "a question", confirm: true, decides: { do: "ask", status: "dnd", until: end } },
    {
      name: "a question that waits",
      confirm: true,
      question: { until: end, answer: null },
      decides: none("asked"),
    },
    { name: "a no", confirm: true, question: { until: end, answer: "no" }, decides: none("refused") },
    {
      name: "a yes",
      confirm: true,
      question: { until: end, answer: "yes" },
      decides: { do: "set", status: "dnd", until: end, prev: online },
    },
    {
      name: "a no to an earlier meeting",
      confirm: true,
      question: { until: start, answer: "no" },
      decides: { do: "ask", status: "dnd", until: end },
    },
    {
      name: "no question when the status is already the wished one",
      confirm: true,
      mattermost: dnd,
      decides: none("already_set_by_user"),
    },
    { name: "ours, as it should be", memory: ours, mattermost: dnd, decides: none("already_ours") },
    {
      name: "ours, with another end",
      memory: { ...ours, until: 1700 },
      mattermost: dnd,
      decides: { do: "extend", status: "dnd", until: end },
    },
    {
      name: "ours, another wish",
      wish: "away",
      memory: ours,
      mattermost: dnd,
      decides: { do: "extend", status: "away", until: end },
    },
    { name: "changed by hand", memory: ours, mattermost: away, decides: { do: "yield" } },
    {
      name: "set back by hand to the status before the meeting",
      memory: { ...ours, prev: away },
      mattermost: away,
      decides: { do: "yield" },
    },
    { name: "yielded", memory: { ...ours, yielded: true }, mattermost: online, decides: none("yielded") },
    {
      name: "yielded, and the meeting is longer",
      memory: { ...ours, until: 1700, yielded: true },
      mattermost: online,
      decides: none("yielded"),
    },
    {
      name: "yielded in an earlier meeting",
      memory: { ...ours, until: 900, yielded: true },
      mattermost: online,
      decides: { do: "set", status: "dnd", until: end, prev: online },
    },
    {
      name: "yielded in a meeting that ended when this one begins",
      memory: { ...ours, until: start, yielded: true },
      mattermost: online,
      decides: { do: "set", status: "dnd", until: end, prev: online },
    },
    {
      name: "still ours from an earlier meeting",
      memory: { ...ours, until: 900 },
      mattermost: dnd,
      decides: { do: "extend", status: "dnd", until: end },
    },
    {
      name: "ended by the server too early for an extended meeting",
      memory: { ...ours, until: 1400 },
      mattermost: online,
      decides: { do: "set", status: "dnd", until: end, prev: online },
    },
    {
      name: "the same, and a manual away before",
      memory: { ...ours, until: 1400, prev: away },
      mattermost: { status: "away", manual: false },
      decides: { do: "set", status: "dnd", until: end, prev: away },
    },
    {
      name: "over, ours",
      now: end,
      memory: ours,
      mattermost: dnd,
      decides: { do: "restore", status: "online", manual: false },
    },
    {
      name: "over, a manual away before",
      now: end,
      memory: { ...ours, prev: away },
      mattermost: dnd,
      decides: { do: "restore", status: "away", manual: true },
    },
    {
      name: "over, an automatic away before",
      now: end,
      memory: { ...ours, prev: { status: "away", manual: false } },
      mattermost: dnd,
      decides: { do: "restore", status: "online", manual: false },
    },
    {
      name: "over, the server made a manual away automatic",
      now: end,
      memory: { ...ours, prev: away },
      mattermost: { status: "away", manual: false },
      decides: { do: "restore", status: "away", manual: true },
    },
    {
      name: "over, ended by the server",
      now: end,
      memory: ours,
      mattermost: online,
      decides: { do: "forget" },
    },
    {
      name: "over, yielded, and the person set the same again",
      now: end,
      memory: { ...ours, yielded: true },
      mattermost: dnd,
      decides: { do: "forget" },
    },
    {
      name: "no meeting any more",
      spans: [],
      memory: ours,
      mattermost: dnd,
      decides: { do: "restore", status: "online", manual: false },
    },
  ];
  for (const { name, now = 1500, wish = "dnd", confirm = false, decides, ...given } of cases)
    test(name, () => {
      const input = { spans: [span], memory: null, question: null, mattermost: online, ...given };
      expect(decideStatus({ ...input, settings: { status: wish, confirm } }, now)).toEqual(decides as never);
    });
});

describe("the custom status", () => {
  const inMeeting = { emoji: "calendar", text: "In a meeting" };
  const mine = { ...inMeeting, expiresAt: end };
  const leave = { emoji: "palm_tree", text: "On leave" };
  const cases: (Partial<CustomInput> & { name: string; now?: number; decides: unknown })[] = [
    { name: "switched off", settings: { customStatus: false }, decides: none("off") },
    { name: "free", now: end, decides: none("free") },
    { name: "set", decides: { do: "set", ...mine } },
    { name: "the person has one", current: leave, decides: none("user_has_own") },
    { name: "the person happens to have the same", current: inMeeting, decides: none("user_has_own") },
    { name: "ours, as it should be", current: inMeeting, ours: mine, decides: none("already_ours") },
    {
      name: "ours, with another end",
      current: inMeeting,
      ours: { ...mine, expiresAt: 1700 },
      decides: { do: "set", ...mine },
    },
    { name: "cleared by hand", ours: mine, decides: { do: "yield" } },
    { name: "replaced by hand", current: leave, ours: mine, decides: { do: "yield" } },
    { name: "yielded", ours: { ...mine, yielded: true }, decides: none("yielded") },
    {
      name: "yielded in an earlier meeting",
      ours: { ...mine, expiresAt: 900, yielded: true },
      decides: { do: "set", ...mine },
    },
    {
      name: "yielded in a meeting that ended when this one begins",
      ours: { ...mine, expiresAt: start, yielded: true },
      decides: { do: "set", ...mine },
    },
    {
      name: "yielded in an earlier meeting, and the person set the same by hand",
      current: inMeeting,
      ours: { ...mine, expiresAt: 900, yielded: true },
      decides: none("user_has_own"),
    },
    {
      name: "left over from an earlier meeting",
      current: inMeeting,
      ours: { ...mine, expiresAt: 900 },
      decides: { do: "set", ...mine },
    },
    { name: "over", now: end, current: inMeeting, ours: mine, decides: { do: "remove" } },
    { name: "over, and expired", now: end, ours: mine, decides: { do: "forget" } },
    { name: "over, and replaced", now: end, current: leave, ours: mine, decides: { do: "forget" } },
    {
      name: "over, cleared and set again by hand",
      now: end,
      current: inMeeting,
      ours: { ...mine, yielded: true },
      decides: { do: "forget" },
    },
  ];
  for (const { name, now = 1500, decides, ...given } of cases)
    test(name, () => {
      const input = { spans: [span], settings: { customStatus: true }, inMeeting, current: null, ours: null };
      expect(decideCustomStatus({ ...input, ...given }, now)).toEqual(decides as never);
    });
});
