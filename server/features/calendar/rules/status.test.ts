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
    { name: "does nothing while switched off", wish: "off", decides: none("off") },
    {
      name: "sets it at the first moment",
      now: start,
      decides: { do: "set", status: "dnd", until: end, prev: online },
    },
    { name: "does not set it at the end", now: end, decides: none("free") },
    { name: "leaves out of office alone", mattermost: { status: "ooo", manual: true }, decides: none("ooo") },
    {
      name: "asks nothing during out of office",
      confirm: true,
      mattermost: { status: "ooo", manual: true },
      decides: none("ooo"),
    },
    { name: "offline", mattermost: { status: "offline", manual: false }, decides: none("offline") },
    {
      name: "leaves an offline person alone after a yes",
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
      name: "never weakens a do-not-disturb to away",
      wish: "away",
      mattermost: dnd,
      decides: none("never_weaken"),
    },
    {
      name: "leaves our own status with its own end alone",
      memory: ours,
      mattermost: { ...dnd, endsAt: 60 },
      decides: none("already_ours"),
    },
    {
      name: "leaves a do-not-disturb until another time alone",
      memory: ours,
      mattermost: { ...dnd, endsAt: 3600 },
      decides: { do: "yield" },
    },
    {
      name: "leaves a do-not-disturb until another time alone after the meeting",
      now: end,
      memory: ours,
      mattermost: { ...dnd, endsAt: 3600 },
      decides: { do: "forget" },
    },
    {
      name: "treats a do-not-disturb without an end, from a server that reports none, as ours",
      now: end,
      memory: ours,
      mattermost: { ...dnd, endsAt: 0 },
      decides: { do: "restore", status: "online", manual: false },
    },
    {
      name: "replaces away by do-not-disturb",
      mattermost: away,
      decides: { do: "set", status: "dnd", until: end, prev: away },
    },
    { name: "asks", confirm: true, decides: { do: "ask", status: "dnd", until: end } },
    {
      name: "waits for the answer",
      confirm: true,
      question: { until: end, answer: null },
      decides: none("asked"),
    },
    { name: "a no", confirm: true, question: { until: end, answer: "no" }, decides: none("refused") },
    {
      name: "sets it after a yes",
      confirm: true,
      question: { until: end, answer: "yes" },
      decides: { do: "set", status: "dnd", until: end, prev: online },
    },
    {
      name: "asks again after a no to an earlier meeting",
      confirm: true,
      question: { until: start, answer: "no" },
      decides: { do: "ask", status: "dnd", until: end },
    },
    {
      name: "does not ask if the status is already the wished one",
      confirm: true,
      mattermost: dnd,
      decides: none("already_set_by_user"),
    },
    { name: "ours, as it should be", memory: ours, mattermost: dnd, decides: none("already_ours") },
    {
      name: "extends ours to another end",
      memory: { ...ours, until: 1700 },
      mattermost: dnd,
      decides: { do: "extend", status: "dnd", until: end },
    },
    {
      name: "changes our status to another wish",
      wish: "away",
      memory: ours,
      mattermost: dnd,
      decides: { do: "extend", status: "away", until: end },
    },
    { name: "yields to a change by hand", memory: ours, mattermost: away, decides: { do: "yield" } },
    {
      name: "yields if the person restored the earlier status by hand",
      memory: { ...ours, prev: away },
      mattermost: away,
      decides: { do: "yield" },
    },
    { name: "yielded", memory: { ...ours, yielded: true }, mattermost: online, decides: none("yielded") },
    {
      name: "stays yielded if the meeting is longer",
      memory: { ...ours, until: 1700, yielded: true },
      mattermost: online,
      decides: none("yielded"),
    },
    {
      name: "sets it again after yielding in an earlier meeting",
      memory: { ...ours, until: 900, yielded: true },
      mattermost: online,
      decides: { do: "set", status: "dnd", until: end, prev: online },
    },
    {
      name: "sets it again after yielding in a meeting that ended when this one begins",
      memory: { ...ours, until: start, yielded: true },
      mattermost: online,
      decides: { do: "set", status: "dnd", until: end, prev: online },
    },
    {
      name: "extends our status from an earlier meeting",
      memory: { ...ours, until: 900 },
      mattermost: dnd,
      decides: { do: "extend", status: "dnd", until: end },
    },
    {
      name: "sets it again if the server ended it too early for an extended meeting",
      memory: { ...ours, until: 1400 },
      mattermost: online,
      decides: { do: "set", status: "dnd", until: end, prev: online },
    },
    {
      name: "sets it again then, after a manual away before",
      memory: { ...ours, until: 1400, prev: away },
      mattermost: { status: "away", manual: false },
      decides: { do: "set", status: "dnd", until: end, prev: away },
    },
    {
      name: "restores after the meeting",
      now: end,
      memory: ours,
      mattermost: dnd,
      decides: { do: "restore", status: "online", manual: false },
    },
    {
      name: "restores a manual away after the meeting",
      now: end,
      memory: { ...ours, prev: away },
      mattermost: dnd,
      decides: { do: "restore", status: "away", manual: true },
    },
    {
      name: "restores online instead of an automatic away",
      now: end,
      memory: { ...ours, prev: { status: "away", manual: false } },
      mattermost: dnd,
      decides: { do: "restore", status: "online", manual: false },
    },
    {
      name: "restores a manual away that the server made automatic",
      now: end,
      memory: { ...ours, prev: away },
      mattermost: { status: "away", manual: false },
      decides: { do: "restore", status: "away", manual: true },
    },
    {
      name: "forgets a status that the server ended",
      now: end,
      memory: ours,
      mattermost: online,
      decides: { do: "forget" },
    },
    {
      name: "forgets a yielded status, even if the person set the same again",
      now: end,
      memory: { ...ours, yielded: true },
      mattermost: dnd,
      decides: { do: "forget" },
    },
    {
      name: "restores if the meeting is gone",
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
    { name: "does nothing while switched off", settings: { customStatus: false }, decides: none("off") },
    { name: "does nothing while free", now: end, decides: none("free") },
    { name: "sets it", decides: { do: "set", ...mine } },
    { name: "leaves the person's own alone", current: leave, decides: none("user_has_own") },
    { name: "the person happens to have the same", current: inMeeting, decides: none("user_has_own") },
    { name: "ours, as it should be", current: inMeeting, ours: mine, decides: none("already_ours") },
    {
      name: "extends ours to another end",
      current: inMeeting,
      ours: { ...mine, expiresAt: 1700 },
      decides: { do: "set", ...mine },
    },
    { name: "yields if cleared by hand", ours: mine, decides: { do: "yield" } },
    { name: "yields if replaced by hand", current: leave, ours: mine, decides: { do: "yield" } },
    { name: "stays yielded", ours: { ...mine, yielded: true }, decides: none("yielded") },
    {
      name: "sets it again after yielding in an earlier meeting",
      ours: { ...mine, expiresAt: 900, yielded: true },
      decides: { do: "set", ...mine },
    },
    {
      name: "sets it again after yielding in a meeting that ended when this one begins",
      ours: { ...mine, expiresAt: start, yielded: true },
      decides: { do: "set", ...mine },
    },
    {
      name: "leaves the same one alone if the person set it by hand after yielding earlier",
      current: inMeeting,
      ours: { ...mine, expiresAt: 900, yielded: true },
      decides: none("user_has_own"),
    },
    {
      name: "extends ours from an earlier meeting",
      current: inMeeting,
      ours: { ...mine, expiresAt: 900 },
      decides: { do: "set", ...mine },
    },
    { name: "over", now: end, current: inMeeting, ours: mine, decides: { do: "remove" } },
    { name: "forgets ours after it expired", now: end, ours: mine, decides: { do: "forget" } },
    { name: "over, and replaced", now: end, current: leave, ours: mine, decides: { do: "forget" } },
    {
      name: "forgets ours after it was cleared and set again by hand",
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
