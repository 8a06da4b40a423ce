/**
 * Counts for admins, the same on every node: what was done in the last days, what failed last, and what the driving
 * node knows about its people.
 *
 *   calendar/statistics  ─▶  { v, days: { "2026-06-15": { statusChanges, … } }, failure, driver }
 *
 * Each node adds its counts once a minute. A node that dies loses the counts of its last minute.
 */

import { z } from "zod";
import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { SharedRecord } from "../../../platform/store/shared-record.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { CalendarServices } from "../ports.ts";
import { localDate } from "../rules/days.ts";
import { STATISTICS_KEY } from "../stored-keys.ts";

export const counted = [
  "statusChanges",
  "customStatusChanges",
  "questions",
  "reminders",
  "summaries",
  "cards",
  "answers",
  "eventsCreated",
] as const;
export type Counted = (typeof counted)[number];
export type Counts = Readonly<Record<Counted, number>>;

/** The last failure as a code: no text of another system, no names. */
export interface LastFailure {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly what: "read" | "status" | "custom" | "ask" | "remind" | "summary" | "summary_failed" | "card";
  readonly code: string;
}

/** The people whose day the driving node drives. Times are in milliseconds since 1970. */
export interface DriverCounts {
  readonly at: number;
  readonly members: number;
  /** With whose permissions their events were last read. */
  readonly readByApp: number;
  readonly readByPerson: number;
  readonly notReadYet: number;
  /** How many of them Microsoft announces changes for. */
  readonly announced: number;
  /** Mailboxes that cannot be read at the moment, by reason. */
  readonly failing: Readonly<Record<string, number>>;
  readonly lastReadAt: number | null;
  readonly nextBoundaryAt: number | null;
}

interface Stored {
  readonly days: Readonly<Record<string, Partial<Counts>>>;
  readonly failure: LastFailure | null;
  readonly driver: DriverCounts | null;
}

export interface StatisticsNow {
  /** Today in UTC. */
  readonly today: Counts;
  readonly sevenDays: Counts;
  readonly failure: LastFailure | null;
  readonly driver: DriverCounts | null;
}

const WRITE_EVERY_MS = 60_000;
const KEPT_DAYS = 7;
const utc = "UTC" as ZoneId;
const nothing: Stored = { days: {}, failure: null, driver: null };

const shape = lazy(() => {
  const at = z.number().nullable();
  return z.object({
    days: z.record(z.string(), z.record(z.string(), z.number())),
    failure: z.object({ at: z.number(), what: z.string(), code: z.string() }).nullable().catch(null),
    driver: z
      .object({
        ...{ at: z.number(), members: z.number(), readByApp: z.number(), readByPerson: z.number() },
        ...{ notReadYet: z.number(), announced: z.number(), lastReadAt: at, nextBoundaryAt: at },
        failing: z.record(z.string(), z.number()),
      })
      .nullable()
      .catch(null),
  });
});

export class CalendarStatistics {
  readonly #clock: CalendarServices["clock"];
  readonly #record: SharedRecord<Stored>;
  #waiting: Partial<Record<Counted, number>> = {};
  #failure: LastFailure | null = null;
  #isFailureNew = false;
  #stopping: AbortController | null = null;
  /** Returns this node's statistics about its people; null while another node drives. The driver sets it. */
  driver: () => DriverCounts | null = () => null;

  constructor({ clock, kv }: Pick<CalendarServices, "clock" | "kv">) {
    this.#clock = clock;
    this.#record = new SharedRecord<Stored>(kv, STATISTICS_KEY, {
      empty: nothing,
      parse: (value) => {
        const parsed = shape().safeParse(value);
        return parsed.success ? (parsed.data as Stored) : nothing;
      },
      print: (state) => ({ v: 1, ...state }),
      isEmpty: (state) => state === nothing,
    });
  }

  count(what: Counted): void {
    this.#waiting[what] = (this.#waiting[what] ?? 0) + 1;
  }

  failed(what: LastFailure["what"], code: string): void {
    this.#failure = { at: this.#clock.now(), what, code };
    this.#isFailureNew = true;
  }

  /** Writes once a minute when there is something to write. */
  start(): void {
    if (this.#stopping) return;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    void (async () => {
      while (!signal.aborted) {
        await this.#clock.sleep(WRITE_EVERY_MS, signal);
        if (!signal.aborted) await this.#write().catch(() => {});
      }
    })();
  }

  async stop(): Promise<void> {
    this.#stopping?.abort();
    this.#stopping = null;
    if (Object.keys(this.#waiting).length > 0) await this.#write().catch(() => {});
  }

  async read(): Promise<StatisticsNow> {
    const { days, driver, failure } = this.#withMine(await this.#record.read(), this.#waiting);
    const today = this.#today();
    return {
      today: sum([days[today] ?? {}]),
      sevenDays: sum(Object.values(days)),
      ...{ failure, driver },
    };
  }

  async #write(): Promise<void> {
    const mine = this.#waiting;
    if (Object.keys(mine).length === 0 && !this.driver() && !this.#isFailureNew) return;
    this.#waiting = {};
    this.#isFailureNew = false;
    try {
      await this.#record.change((state) => ({ next: this.#withMine(state, mine), result: undefined }));
    } catch (error) {
      // Added again, to be stored by the next write.
      for (const [what, count] of Object.entries(mine))
        this.#waiting[what as Counted] = (this.#waiting[what as Counted] ?? 0) + count;
      throw error;
    }
  }

  #withMine(state: Stored, mine: Partial<Record<Counted, number>>): Stored {
    const today = this.#today();
    const first = localDate(this.#clock.now() - (KEPT_DAYS - 1) * 86_400_000, utc);
    const days = { ...state.days, [today]: sum([state.days[today] ?? {}, mine]) };
    const isNewer = this.#failure !== null && this.#failure.at >= (state.failure?.at ?? 0);
    return {
      days: Object.fromEntries(Object.entries(days).filter(([date]) => date >= first)),
      failure: isNewer ? this.#failure : state.failure,
      driver: this.driver() ?? state.driver,
    };
  }

  #today(): string {
    return localDate(this.#clock.now(), utc);
  }
}

function sum(days: readonly Partial<Counts>[]): Counts {
  return Object.fromEntries(
    counted.map((what) => [what, days.reduce((total, day) => total + (day[what] ?? 0), 0)]),
  ) as Counts;
}
