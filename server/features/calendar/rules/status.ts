/** Decides how meetings change a person's Mattermost status. The person's own choice always wins. */

import type { CalendarSettings } from "./settings.ts";
import { type Span, spanAt } from "./spans.ts";

export type MattermostStatus = "online" | "away" | "dnd" | "offline" | "ooo";
type OurStatus = "away" | "dnd";

export interface StatusNow {
  readonly status: MattermostStatus;
  /** Chosen by the person. An automatic away ends with the next click. */
  readonly manual: boolean;
  /** End of a timed do-not-disturb, in seconds since 1970; 0 or absent if the server does not say. */
  readonly endsAt?: number;
}

/** Remembered while the status is ours. Plain JSON. */
export interface StatusMemory {
  readonly status: OurStatus;
  readonly until: number;
  readonly prev: StatusNow;
  /** The person chose another status: leave it alone until this span is over. */
  readonly yielded?: boolean;
}

/** The question whether the status may change for a span. Plain JSON. */
export interface StatusQuestion {
  readonly until: number;
  readonly answer: "yes" | "no" | null;
}

export type StatusDecision =
  | { readonly do: "set"; readonly status: OurStatus; readonly until: number; readonly prev: StatusNow }
  /** Our status changes or gets another end; the status from before the meeting stays remembered. */
  | { readonly do: "extend"; readonly status: OurStatus; readonly until: number }
  | { readonly do: "ask"; readonly status: OurStatus; readonly until: number }
  | { readonly do: "yield" }
  /** `manual` as before the meeting, because a restored choice of the person must survive the next click. */
  | { readonly do: "restore"; readonly status: MattermostStatus; readonly manual: boolean }
  | { readonly do: "forget" }
  | { readonly do: "none"; readonly why: StatusReason };

export type StatusReason =
  | "off"
  | "free"
  | "yielded"
  | "already_ours"
  | "ooo"
  | "offline"
  | "already_set_by_user"
  | "never_weaken"
  | "asked"
  | "refused";

export interface StatusInput {
  readonly spans: readonly Span[];
  readonly settings: Pick<CalendarSettings, "status" | "confirm">;
  readonly memory: StatusMemory | null;
  readonly question: StatusQuestion | null;
  readonly mattermost: StatusNow;
}

const none = (why: StatusReason): StatusDecision => ({ do: "none", why });

export function decideStatus(input: StatusInput, now: number): StatusDecision {
  const { settings, memory, mattermost } = input;
  const wish = settings.status;
  if (wish === "off") return none("off");
  const span = spanAt(input.spans, now);
  if (!span) return memory ? giveBack(memory, mattermost) : none("free");
  if (memory && belongsTo(memory, { span, now, mattermost })) return keep(memory, wish, span, mattermost);
  return begin(wish, span, input);
}

interface Situation {
  readonly span: Span;
  readonly now: number;
  readonly mattermost: StatusNow;
}

/**
 * Ends our status. Also used if the person switches the feature off in the middle of a meeting.
 */
export function giveBack(memory: StatusMemory, mattermost: StatusNow): StatusDecision {
  if (memory.yielded) return { do: "forget" };
  if (!isStillOurs(memory, mattermost) && !endedByServer(memory, mattermost)) return { do: "forget" };
  return memory.prev.manual
    ? { do: "restore", status: memory.prev.status, manual: true }
    : { do: "restore", status: "online", manual: false };
}

/**
 * A person who sets do-not-disturb until another time in the middle of a meeting has made their own choice.
 */
export function isStillOurs({ status, until }: StatusMemory, mattermost: StatusNow): boolean {
  if (mattermost.status !== status) return false;
  return status !== "dnd" || !mattermost.endsAt || mattermost.endsAt === minuteAfter(until);
}

/** Seconds since 1970. The server rounds the end down to the minute, and our status must not end early. */
export function minuteAfter(until: number): number {
  return Math.ceil(until / 60_000) * 60;
}

/**
 * The server's own timer restores a person's choice, but as an automatic status (docs/facts/microsoft-calendar.md
 * 13).
 */
function endedByServer({ prev }: StatusMemory, mattermost: StatusNow): boolean {
  return prev.manual && mattermost.status === prev.status && !mattermost.manual;
}

/**
 * A status that is still ours is kept, even from an earlier span that ended while the plugin was down. One that is no
 * longer ours was changed by the person, unless its time was over: then the server ended it.
 */
function belongsTo(memory: StatusMemory, { span, now, mattermost }: Situation): boolean {
  if (memory.yielded) return memory.until > span.start;
  return isStillOurs(memory, mattermost) || memory.until > now;
}

function keep(memory: StatusMemory, wish: OurStatus, span: Span, mattermost: StatusNow): StatusDecision {
  if (memory.yielded) return none("yielded");
  if (!isStillOurs(memory, mattermost)) return { do: "yield" };
  if (memory.until === span.end && memory.status === wish) return none("already_ours");
  return { do: "extend", status: wish, until: span.end };
}

function begin(
  wish: OurStatus,
  span: Span,
  { settings, question, memory, mattermost }: StatusInput,
): StatusDecision {
  const { manual, status } = mattermost;
  const answer = question && question.until > span.start ? question.answer : undefined;
  const ask = settings.confirm && answer !== "yes";
  if (status === "ooo") return none("ooo");
  if (status === "offline" && !ask) return none("offline");
  // An automatic away is not the person's choice, and the next click would end it.
  if (status === wish && (manual || wish === "dnd")) return none("already_set_by_user");
  if (status === "dnd") return none("never_weaken");
  if (ask && answer !== undefined) return none(answer === "no" ? "refused" : "asked");
  if (ask) return { do: "ask", status: wish, until: span.end };
  const prev =
    memory && !memory.yielded && endedByServer(memory, mattermost) ? memory.prev : { status, manual };
  return { do: "set", status: wish, until: span.end, prev };
}

/** Returns the memory after a decision was carried out. */
export function statusMemoryAfter(
  decision: StatusDecision,
  memory: StatusMemory | null,
): StatusMemory | null {
  switch (decision.do) {
    case "set":
      return { status: decision.status, until: decision.until, prev: decision.prev };
    case "extend":
      return memory && { ...memory, status: decision.status, until: decision.until };
    case "yield":
      return memory && { ...memory, yielded: true };
    case "restore":
    case "forget":
      return null;
    default:
      return memory;
  }
}
