/**
 * Carries out the steps of a day, each once.
 *
 *   store the step and the previous memory ─▶ carry it out ─▶ settle        it fails ─▶ restore the previous memory
 *
 * The write is a compare-and-set: a node that has lost its lease without knowing finds the step taken, and leaves it.
 */

import { randomUUID } from "node:crypto";
import { findPostSince } from "../../../people/find-post.ts";
import type { Logger, Post } from "../../../runtime/mattermost/index.ts";
import type { Counted } from "../admin/statistics.ts";
import type { Audience, CalendarCore } from "../core.ts";
import { Turns } from "../outlook/turns.ts";
import type { ViewFailure } from "../outlook/view.ts";
import type { CustomStatus } from "../rules/custom-status.ts";
import { afterFailedSummary, afterStep, type DayMemory, type DayStep } from "../rules/day.ts";
import type { CalendarEvent } from "../rules/event.ts";
import type { StatusNow } from "../rules/status.ts";
import { carryOutStatus } from "../status/carry-out.ts";
import { carryOutCustom, customNow } from "../status/custom.ts";
import { recoverStatus } from "../status/recover.ts";
import { type DayRecord, type DayStore, type PendingStep, STEP_PROP, touched, without } from "./day-store.ts";
import { questionMessage, reminderMessage, summaryFailedMessage, summaryMessage } from "./messages.ts";
import { codeOf } from "./one-person.ts";
import { unreadableWords } from "./unreadable-words.ts";

export interface StepContext {
  readonly audience: Audience;
  /** The record on which the decision was based. */
  readonly record: DayRecord;
  readonly events: readonly CalendarEvent[];
  readonly status: StatusNow | null;
  /** True when the events were read recently, so that an empty day really is empty. */
  readonly areFresh: boolean;
  /** Drops what can no longer matter, with the next write. */
  readonly tidy: (memory: DayMemory) => DayMemory;
}

export interface StepOutcome {
  readonly record: DayRecord;
  /** The step is due again. */
  readonly failed: boolean;
}

export interface Steps {
  carryOut(step: DayStep, context: StepContext, now: number): Promise<StepOutcome>;
  /** Called after the last step: nothing is in progress any more. */
  settle(userId: string, record: DayRecord): Promise<DayRecord>;
  /** Called after a crash: checks whether the step was done. */
  recover(userId: string, pending: PendingStep): Promise<DayRecord>;
  /** Notifies the owner, once, of a mailbox that will not become readable by itself. */
  unreadable(userId: string, why: ViewFailure): void;
}

export interface StepsPorts {
  readonly core: CalendarCore;
  readonly store: DayStore;
  readonly log: Logger;
}

/** The clocks of two nodes and of the server differ by less than this. */
const CLOCKS_MS = 60_000;
/** Calls to the server at a time: more would only queue there. */
const CALLS_AT_A_TIME = 16;

export function createSteps({ core, log, store }: StepsPorts): Steps {
  const { api, bot, cards, clock, metrics } = core.services;
  const turns = new Turns(CALLS_AT_A_TIME);
  const steps = metrics.counter(
    "calendar_steps_total",
    "What the calendar did for members, by kind and outcome.",
  );

  async function perform(step: DayStep, context: StepContext, stepId: string): Promise<void> {
    const { audience, events, record, status } = context;
    const { userId } = audience;
    const input = { audience, events, cards, answers: core.answer !== null, stepId, now: clock.now() };
    switch (step.do) {
      case "status": {
        const now = status ?? { status: "offline", manual: false };
        return carryOutStatus(api, { userId, decision: step.decision, memory: record.memory.status, now });
      }
      case "custom":
        return carryOutCustom(api, userId, step.decision);
      case "ask":
        await bot.direct(userId, await questionMessage(step, input));
        return;
      case "remind":
        await bot.direct(userId, await reminderMessage(step.reminders, input));
        return;
      case "summary": {
        const message = await summaryMessage(step, input);
        if (message) await bot.direct(userId, message);
        return;
      }
      case "summary_failed":
        await bot.direct(userId, await summaryFailedMessage(step.forDate, input));
    }
  }

  /** Whether the person's direct channel has a post with this step's id. */
  async function wasPosted(userId: string, { at, id }: PendingStep): Promise<boolean> {
    const channel = await bot.directChannel(userId);
    const isStep = ({ Props }: Post) => Props?.[STEP_PROP] === id;
    return (await findPostSince(api, channel, at - CLOCKS_MS, isStep)) !== null;
  }

  async function recover(userId: string, pending: PendingStep, { memory }: DayRecord): Promise<boolean> {
    if (pending.do === "status") return recoverStatus(api, userId, pending.before.status, memory.status);
    if (pending.do !== "custom") return wasPosted(userId, pending);
    const user = await api.getUser(userId);
    const now = clock.now();
    const [before, after] = [pending.before.custom, memory.custom];
    if (after) return same(user && customNow(user, now, after), after);
    return before === null || !same(user && customNow(user, now, before), before);
  }

  return {
    async carryOut(step, context, now) {
      const { audience, record } = context;
      const { userId } = audience;
      if (step.do === "summary" && !context.areFresh) {
        steps.add({ step: step.do, outcome: "unreadable" });
        if (record.memory.summary.failedFor === step.forDate) return { record, failed: false };
        const next = await store.update(userId, (current) => ({
          ...current,
          memory: afterFailedSummary(current.memory, step.forDate),
        }));
        return { record: next, failed: false };
      }
      const stepId = randomUUID();
      const seen = JSON.stringify(touched(record.memory, step.do));
      let taken = false;
      const written = await store.update(userId, (current) => {
        taken = JSON.stringify(touched(current.memory, step.do)) !== seen;
        if (taken) return current;
        const pending: PendingStep = { id: stepId, at: now, do: step.do, before: current.memory };
        return { memory: context.tidy(afterStep(current.memory, step)), pending };
      });
      if (taken) return { record: written, failed: true };
      try {
        await turns.take(() => perform(step, context, stepId));
        steps.add({ step: nameOf(step), outcome: "done" });
        const what = countedAs(step);
        if (what) core.statistics.count(what);
        return { record: written, failed: false };
      } catch (error) {
        steps.add({ step: nameOf(step), outcome: "failed" });
        core.statistics.failed(step.do, codeOf(error));
        log.warn("A step of a person's day could not be carried out", {
          ...{ user_id: userId, step: step.do, error: codeOf(error) },
        });
        const back = await store.update(userId, (current) =>
          current.pending?.id === stepId
            ? { memory: without(current.memory, current.pending), pending: null }
            : current,
        );
        return { record: back, failed: true };
      }
    },

    settle(userId, record) {
      if (!record.pending) return Promise.resolve(record);
      const { id } = record.pending;
      return store.update(userId, (current) =>
        current.pending?.id === id ? { ...current, pending: null } : current,
      );
    },

    async recover(userId, pending) {
      const record = await store.get(userId);
      if (record.pending?.id !== pending.id) return record;
      const done = await recover(userId, pending, record);
      return store.update(userId, (current) => {
        if (current.pending?.id !== pending.id) return current;
        return { memory: done ? current.memory : without(current.memory, pending), pending: null };
      });
    },

    unreadable(userId, why) {
      if (why !== "no_mailbox" && why !== "denied") return;
      void tellOnce(userId, why).catch((error: unknown) =>
        log.warn("The message about a mailbox could not be sent to its owner", {
          user_id: userId,
          error: codeOf(error),
        }),
      );
    },
  };

  async function tellOnce(userId: string, why: "no_mailbox" | "denied"): Promise<void> {
    const member = await core.members.get(userId);
    if (!member || member.reportedFailure === why) return;
    const audience = await core.audience(userId);
    if (!audience) return;
    await core.members.update(userId, (current) => ({ ...current, reportedFailure: why }));
    await bot.direct(userId, { text: unreadableWords.in(audience.language)(why) });
  }
}

function same(a: CustomStatus | null, b: CustomStatus): boolean {
  return a?.emoji === b.emoji && a.text === b.text;
}

/** A step that changes only our memory is not counted as work for the person. */
function countedAs(step: DayStep): Counted | null {
  switch (step.do) {
    case "status":
      return step.decision.do === "yield" || step.decision.do === "forget" ? null : "statusChanges";
    case "custom":
      return step.decision.do === "yield" || step.decision.do === "forget" ? null : "customStatusChanges";
    case "ask":
      return "questions";
    case "remind":
      return "reminders";
    case "summary":
      return "summaries";
    default:
      return null;
  }
}

function nameOf(step: DayStep): string {
  return step.do === "status" || step.do === "custom" ? `${step.do}_${step.decision.do}` : step.do;
}
