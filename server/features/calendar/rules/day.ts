/**
 * Plans a person's day for the driver: the steps due now, the memory after each step, and the moment of the next
 * look.
 *
 *   stepsAt → carry each step out → afterStep → nextMoment → one alarm per person
 *
 * Nothing here waits, reads or writes. The memory is plain JSON, so that another node can continue after a kill. The
 * driver stores the memory before it carries a step out and puts the old one back if the step fails. So two nodes
 * never do the same step, and a kill in between loses one step instead of repeating it.
 */

import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { earliest, nextBoundary } from "./boundary.ts";
import {
  type CustomDecision,
  type CustomMemory,
  type CustomStatus,
  customMemoryAfter,
  decideCustomStatus,
  removeOurs,
} from "./custom-status.ts";
import type { CalendarEvent } from "./event.ts";
import {
  type DueReminder,
  dueReminders,
  noReminders,
  type ReminderMemory,
  remindersAfter,
} from "./reminders.ts";
import type { CalendarSettings } from "./settings.ts";
import { type BusySettings, busySpans, isFocusSpan, type Span, spanAt } from "./spans.ts";
import {
  decideStatus,
  giveBack,
  isStillOurs,
  type StatusDecision,
  type StatusMemory,
  type StatusNow,
  type StatusQuestion,
  statusMemoryAfter,
} from "./status.ts";
import { summaryDue } from "./summary.ts";

/** The state of a person that is stored between two looks. */
export interface DayMemory {
  readonly status: StatusMemory | null;
  readonly question: StatusQuestion | null;
  readonly custom: CustomMemory | null;
  readonly reminders: ReminderMemory;
  readonly summary: {
    readonly sentFor: string | null;
    /** The date whose summary could not be made, while the person does not know yet. */
    readonly failedFor: string | null;
  };
}

export const emptyDay: DayMemory = {
  status: null,
  question: null,
  custom: null,
  reminders: noReminders,
  summary: { sentFor: null, failedFor: null },
};

export interface PersonDay {
  readonly events: readonly CalendarEvent[];
  readonly settings: CalendarSettings & Pick<BusySettings, "hours">;
  readonly zone: ZoneId;
  readonly memory: DayMemory;
  /** Read just now: Mattermost does not notify plugins of changes. */
  readonly mattermost: { readonly status: StatusNow; readonly custom: CustomStatus | null };
  /** The custom status of a meeting, in the person's language. */
  readonly inMeeting: CustomStatus;
  /** The custom status of focus time, in the person's language. */
  readonly focusing: CustomStatus;
}

export type DayStep =
  | { readonly do: "status"; readonly decision: Exclude<StatusDecision, { do: "none" } | { do: "ask" }> }
  /** One post, even if reminders are due at the same moment. */
  | {
      readonly do: "ask";
      readonly decision: StatusDecision & { do: "ask" };
      readonly span: Span;
      readonly reminders: readonly DueReminder[];
    }
  | { readonly do: "custom"; readonly decision: Exclude<CustomDecision, { do: "none" }> }
  | { readonly do: "remind"; readonly reminders: readonly DueReminder[] }
  | { readonly do: "summary"; readonly forDate: string; readonly late: boolean }
  /** The catch-up time is over: report it once. */
  | { readonly do: "summary_failed"; readonly forDate: string };

export interface DayDecisions {
  readonly steps: readonly DayStep[];
  /** The decisions behind the steps, for "why"; includes decisions to do nothing. */
  readonly status: StatusDecision | { readonly do: "wait" };
  readonly custom: CustomDecision;
}

/**
 * The server ends a timed do-not-disturb in a job at every full minute, which is when meetings usually end. We give
 * it a moment and then end it ourselves, so that a person is back within 5 s of the end
 * (docs/facts/microsoft-calendar.md 13).
 */
const SERVER_ENDS_DND_WITHIN_MS = 3_000;
/** Mattermost has no hook for a person who comes online in the middle of a meeting. */
const OFFLINE_LOOK_MS = 60_000;
const SUMMARY_RETRY_MS = 120_000;

export function stepsAt(day: PersonDay, now: number): DayDecisions {
  const { settings, memory, mattermost, zone } = day;
  const spans = busySpans(day.events, settings, zone);
  const status = statusAt(day, spans, now);
  const current = spanAt(spans, now);
  const inMeeting = current && isFocusSpan(current, day.events) ? day.focusing : day.inMeeting;
  const custom =
    !settings.customStatus && memory.custom
      ? removeOurs(memory.custom, mattermost.custom)
      : decideCustomStatus(
          { spans, settings, inMeeting, current: mattermost.custom, ours: memory.custom },
          now,
        );
  const { due } = dueReminders(day.events, settings, memory.reminders, now);
  const span = current;
  const steps: DayStep[] = [];
  if (status.do === "ask" && span) steps.push({ do: "ask", decision: status, span, reminders: due });
  else if (due.length > 0) steps.push({ do: "remind", reminders: due });
  if (status.do !== "none" && status.do !== "ask" && status.do !== "wait")
    steps.push({ do: "status", decision: status });
  if (custom.do !== "none") steps.push({ do: "custom", decision: custom });
  return { steps: [...steps, ...summarySteps(day, now)], status, custom };
}

function statusAt(
  { settings, memory, mattermost }: PersonDay,
  spans: readonly Span[],
  now: number,
): StatusDecision | { readonly do: "wait" } {
  const ours = memory.status;
  if (settings.status === "off" && ours) return giveBack(ours, mattermost.status);
  const serverEndsIt = ours?.status === "dnd" && isStillOurs(ours, mattermost.status) && !ours.yielded;
  if (serverEndsIt && !spanAt(spans, now) && isEnding(ours, now)) return { do: "wait" };
  const { question } = memory;
  return decideStatus({ spans, settings, memory: ours, question, mattermost: mattermost.status }, now);
}

function isEnding({ until }: StatusMemory, now: number): boolean {
  return until <= now && now < until + SERVER_ENDS_DND_WITHIN_MS;
}

function summarySteps({ settings, zone, memory: { summary } }: PersonDay, now: number): DayStep[] {
  const { forDate, late } = summaryDue(
    { settings: settings.summary, zone, lastSentFor: summary.sentFor },
    now,
  );
  if (forDate !== null) return [{ do: "summary", forDate, late }];
  return summary.failedFor === null ? [] : [{ do: "summary_failed", forDate: summary.failedFor }];
}

/**
 * When to look again at the latest; null if nothing is ahead. Changes of events or settings trigger a look at once.
 */
export function nextMoment(day: PersonDay, now: number): number | null {
  const { settings, memory, zone } = day;
  const usesSpans = settings.status !== "off" || settings.customStatus || memory.status || memory.custom;
  const events = usesSpans || settings.reminders ? day.events : [];
  const ending = memory.status ? memory.status.until + SERVER_ENDS_DND_WITHIN_MS : null;
  const summary = summaryDue({ settings: settings.summary, zone, lastSentFor: memory.summary.sentFor }, now);
  return earliest([
    nextBoundary({ events, settings, memory: memory.reminders, zone }, now),
    ending !== null && ending > now ? ending : null,
    waitsForPerson(stepsAt(day, now).status) ? now + OFFLINE_LOOK_MS : null,
    summary.next,
    summary.forDate === null ? null : now + SUMMARY_RETRY_MS,
  ]);
}

function waitsForPerson(status: DayDecisions["status"]): boolean {
  return status.do === "none" && status.why === "offline";
}

/** The memory after a step. Without it the step stays due. */
export function afterStep(memory: DayMemory, step: DayStep): DayMemory {
  switch (step.do) {
    case "status":
      return { ...memory, status: statusMemoryAfter(step.decision, memory.status) };
    case "ask":
      return {
        ...memory,
        question: { until: step.decision.until, answer: null },
        reminders: remindersAfter(memory.reminders, step.reminders),
      };
    case "custom":
      return { ...memory, custom: customMemoryAfter(step.decision, memory.custom) };
    case "remind":
      return { ...memory, reminders: remindersAfter(memory.reminders, step.reminders) };
    case "summary":
      return { ...memory, summary: { sentFor: step.forDate, failedFor: null } };
    case "summary_failed":
      return { ...memory, summary: { ...memory.summary, failedFor: null } };
  }
}

/** A summary that could not be made is not an empty day: it is retried, and in the end reported to the person. */
export function afterFailedSummary(memory: DayMemory, forDate: string): DayMemory {
  return { ...memory, summary: { ...memory.summary, failedFor: forDate } };
}

export function afterAnswer(memory: DayMemory, answer: "yes" | "no"): DayMemory {
  return { ...memory, question: memory.question && { ...memory.question, answer } };
}

/** Drops what can no longer matter, so that a person's record stays small. */
export function withoutPast(memory: DayMemory, day: PersonDay, now: number): DayMemory {
  const span = spanAt(busySpans(day.events, day.settings, day.zone), now);
  const { question } = memory;
  const asked = question && question.until > (span?.start ?? now) ? question : null;
  return { ...memory, question: asked, reminders: remindersAfter(memory.reminders, [], now) };
}
