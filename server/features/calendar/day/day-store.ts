/**
 * Stores what must be remembered about people's days, in the key-value store that all nodes share.
 *
 *   calendar/day_{shard}  ─▶  { userId: { memory, pending } }
 *
 * A step is stored before it is carried out, together with the previous memory. After a crash in between, another
 * node checks whether the step was done, and keeps the memory or restores the previous one.
 */

import { z } from "zod";
import { ShardedMap } from "../../../platform/store/sharded-map.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { CalendarServices } from "../ports.ts";
import { type DayMemory, type DayStep, emptyDay } from "../rules/day.ts";
import { DAY_PREFIX } from "../stored-keys.ts";

/** A step in progress. */
export interface PendingStep {
  /** Also in the props of its post, as `calendar_step`. */
  readonly id: string;
  readonly at: number;
  readonly do: DayStep["do"];
  /** The memory before the step. */
  readonly before: DayMemory;
}

export interface DayRecord {
  readonly memory: DayMemory;
  readonly pending: PendingStep | null;
}

export const emptyRecord: DayRecord = { memory: emptyDay, pending: null };

const DAY_SHARDS = 64;
export const STEP_PROP = "calendar_step";

const shape = lazy(() => {
  const status = z.object({
    status: z.enum(["online", "away", "dnd", "offline", "ooo"]),
    manual: z.boolean(),
  });
  const memory = z.object({
    status: z
      .object({
        status: z.enum(["away", "dnd"]),
        until: z.number(),
        prev: status,
        yielded: z.boolean().optional(),
      })
      .nullable(),
    question: z.object({ until: z.number(), answer: z.enum(["yes", "no"]).nullable() }).nullable(),
    custom: z
      .object({ emoji: z.string(), text: z.string(), expiresAt: z.number(), yielded: z.boolean().optional() })
      .nullable(),
    reminders: z.object({ sent: z.array(z.string()), snoozed: z.record(z.string(), z.number()) }),
    summary: z.object({ sentFor: z.string().nullable(), failedFor: z.string().nullable() }),
  });
  const steps = ["status", "ask", "custom", "remind", "summary", "summary_failed"] as const;
  const pending = z.object({ id: z.string(), at: z.number(), do: z.enum(steps), before: memory });
  return z.object({ memory, pending: pending.nullable() });
});

export class DayStore {
  readonly #map: ShardedMap<DayRecord>;

  constructor({ kv, log }: Pick<CalendarServices, "kv" | "log">) {
    this.#map = new ShardedMap<DayRecord>(kv, {
      prefix: DAY_PREFIX,
      shards: DAY_SHARDS,
      parse: (value) => shape().parse(value) as DayRecord,
      onUnreadable: (userId) => log.warn("The record of a person's day cannot be read", { user_id: userId }),
    });
  }

  async get(userId: string): Promise<DayRecord> {
    return (await this.#map.get(userId)) ?? emptyRecord;
  }

  all(): AsyncIterable<[userId: string, record: DayRecord]> {
    return this.#map.entries();
  }

  /** `change` must be pure, because a lost race runs it again on the newer record. */
  async update(userId: string, change: (record: DayRecord) => DayRecord): Promise<DayRecord> {
    const next = await this.#map.update(userId, (current) => {
      const record = change(current ?? emptyRecord);
      return record === emptyRecord || isEmpty(record) ? null : record;
    });
    return next ?? emptyRecord;
  }

  remove(userId: string): Promise<void> {
    return this.#map.delete(userId);
  }
}

/** A person without anything to remember has no record. */
function isEmpty({ memory, pending }: DayRecord): boolean {
  const { custom, question, reminders, status, summary } = memory;
  return (
    pending === null &&
    !status &&
    !question &&
    !custom &&
    reminders.sent.length === 0 &&
    Object.keys(reminders.snoozed).length === 0 &&
    summary.sentFor === null &&
    summary.failedFor === null
  );
}

/** The part of the memory that a step changes. */
export function touched(memory: DayMemory, step: DayStep["do"]): Partial<DayMemory> {
  switch (step) {
    case "status":
      return { status: memory.status };
    case "ask":
      return { question: memory.question, reminders: memory.reminders };
    case "custom":
      return { custom: memory.custom };
    case "remind":
      return { reminders: memory.reminders };
    default:
      return { summary: memory.summary };
  }
}

/** The memory without a step that was not done; changes of other steps stay. */
export function without(
  memory: DayMemory,
  { before, do: step }: Pick<PendingStep, "before" | "do">,
): DayMemory {
  return { ...memory, ...touched(before, step) };
}
