/**
 * Plans when whose events are read: shortly before each boundary, when Microsoft announced a change, and periodically
 * for safety: rarely while notifications arrive, otherwise every five minutes.
 */

import type { Logger } from "../../../runtime/mattermost/index.ts";
import type { CalendarCore } from "../core.ts";
import type { EventsAnswer, ViewFailure, Wanted } from "../outlook/view.ts";
import { earliest, nextBoundary } from "../rules/boundary.ts";
import type { PersonDay } from "../rules/day.ts";
import { type CalendarSettings, needsEvents, usesEvents } from "../rules/settings.ts";
import { summaryDue } from "../rules/summary.ts";
import { viewAt } from "../rules/view.ts";
import type { LiveNotifications } from "./live.ts";
import { codeOf, compact, fraction } from "./one-person.ts";
import { type DayPerson, isInactive, isUserOld, type Round, settingsOf, zoneOfPerson } from "./people.ts";

const SAFETY_MS = 5 * 60_000;
/** With working notifications: a view of 48 hours is still valid, and 1,000 idle people take 50 batches. */
const SAFETY_WITH_NOTIFICATIONS_MS = 65 * 60_000;
const SUMMARY_ALONE_MS = 12 * 3_600_000;
/** Microsoft sends two or three notifications for one change. */
const COALESCE_MS = 2_000;
const FIRST_RETRY_MS = 15_000;
const LONGEST_RETRY_MS = 15 * 60_000;
const NO_MAILBOX_MS = 24 * 3_600_000;
const DENIED_MS = 3_600_000;
/** Events are read this long before a boundary, and up to a minute earlier when many people share one. */
const READ_AHEAD_MS = 5_000;
/** Mailboxes that are read within one second: four batches of twenty. */
const READS_PER_SECOND = 80;
const LONGEST_SPREAD_MS = 55_000;
/** A read younger than this need not be repeated before a boundary. */
const FRESH_MS = 60_000;
/** People who are due later wait no longer than this for a slow mailbox of the current round. */
const ROUND_MS = 200;
const INACTIVE_LOOK_MS = 10 * 60_000;

export interface ReadingPorts {
  readonly core: CalendarCore;
  readonly log: Logger;
  readonly live: LiveNotifications;
  /** Refreshes mailbox settings older than a day, and whatever else is due with a read. */
  readonly refreshUsers: (people: readonly DayPerson[], round: Round) => Promise<void>;
  /** Called when events were read. */
  readonly onRead: (person: DayPerson) => void;
  readonly onFailure: (userId: string, why: ViewFailure) => void;
}

export class Reading {
  readonly #ports: ReadingPorts;
  readonly #round: Round;
  readonly #wanted = new Set<string>();
  #running: Promise<void> | null = null;
  readonly #batches = new Set<Promise<void>>();

  constructor(ports: ReadingPorts, round: Round) {
    this.#ports = ports;
    this.#round = round;
  }

  get ended(): Promise<unknown> {
    return Promise.all([this.#running, ...this.#batches]);
  }

  soon(userId: string): void {
    const person = this.#round.people.get(userId);
    if (!person || !needsEvents(settingsOf(person, this.#round))) return;
    if (person.reading) {
      person.readAgain = true;
      return;
    }
    this.#wanted.add(userId);
    this.#running ??= this.#all();
  }

  /** Called when Microsoft announced a change. */
  announced(userId: string): void {
    const at = this.#ports.core.services.clock.now() + COALESCE_MS;
    this.#round.alarms.set(`changed ${userId}`, at, () => this.soon(userId));
  }

  /** Sets the alarm of the next read: before the next boundary, for safety, or to retry after a failure. */
  plan(person: DayPerson): void {
    const { failure, readAt, userId } = person;
    const now = this.#ports.core.services.clock.now();
    const settings = settingsOf(person, this.#round);
    if (!needsEvents(settings)) {
      this.#round.alarms.cancel(`read ${userId}`);
      return;
    }
    const safety = Math.max((readAt ?? now) + this.#safetyMs(userId, settings), now + 1_000);
    const boundary = boundaryOf(person, settings, now);
    const before = boundary === null ? null : boundary - READ_AHEAD_MS - this.#spread(userId);
    const needed = before !== null && before > now && (readAt === null || before - readAt >= FRESH_MS);
    const at = failure
      ? Math.max(failure.until, now)
      : (earliest([safety, needed ? before : null]) ?? safety);
    this.#round.alarms.set(`read ${userId}`, at, () => this.soon(userId));
  }

  async #all(): Promise<void> {
    const { signal } = this.#round;
    const { clock } = this.#ports.core.services;
    // Everybody whose alarm fires now is put into the same batches.
    await Promise.resolve();
    while (!signal.aborted && this.#wanted.size > 0) {
      const ids = [...this.#wanted];
      this.#wanted.clear();
      const one: Promise<void> = this.#readBatch(ids).finally(() => this.#batches.delete(one));
      this.#batches.add(one);
      await Promise.race([one, clock.sleep(ROUND_MS, signal)]);
    }
    // In the same turn as the last look at `wanted`, so that the next `soon` begins again. Slow batches go on.
    this.#running = null;
  }

  async #readBatch(ids: readonly string[]): Promise<void> {
    const { core, log, refreshUsers } = this.#ports;
    const { people, signal } = this.#round;
    const now = core.services.clock.now();
    const all = ids.flatMap((userId) => people.get(userId) ?? []);
    const byId = new Map(all.map((person) => [person.userId, person]));
    for (const person of all) person.reading = true;
    try {
      await refreshUsers(
        all.filter((person) => isUserOld(person, now)),
        this.#round,
      );
      for (const person of all.filter(isInactive)) this.#skip(person);
      const wanted: Wanted[] = all
        .filter((one) => !isInactive(one))
        .map((person) => {
          const zone = zoneOfPerson(person);
          const others = person.member.settings.otherCalendars;
          return { userId: person.userId, period: viewAt(now, zone).wanted, zone, others };
        });
      const arrived = (userId: string, answer: EventsAnswer) => {
        const person = byId.get(userId);
        if (person) this.#arrived(person, answer);
      };
      await core.view.readMany(wanted, arrived, signal);
      core.wasRead();
    } catch (error) {
      if (!signal.aborted) log.warn("Events could not be read", { error: codeOf(error) });
    } finally {
      // No answer came for these, because the round was interrupted.
      const nothing = { ok: false, why: "unavailable", retryAfterMs: null, code: "broken_off" } as const;
      for (const person of all) if (person.reading && !signal.aborted) this.#arrived(person, nothing);
    }
  }

  /** A deactivated account costs only a check whether it is active again. */
  #skip(person: DayPerson): void {
    person.reading = false;
    if (!this.#isHere(person)) return;
    const at = this.#ports.core.services.clock.now() + INACTIVE_LOOK_MS;
    this.#round.alarms.set(`read ${person.userId}`, at, () => this.soon(person.userId));
  }

  /** False for a person who left during the read, also when they returned: then their own read has begun. */
  #isHere(person: DayPerson): boolean {
    return this.#round.people.get(person.userId) === person;
  }

  #arrived(person: DayPerson, answer: EventsAnswer): void {
    const { core, log, onFailure, onRead } = this.#ports;
    const { userId } = person;
    person.reading = false;
    if (!this.#isHere(person)) return;
    const now = core.services.clock.now();
    if (answer.ok) {
      person.events = answer.events.map(compact);
      person.readAt = now;
      person.failure = null;
      person.readBy = answer.by;
    } else {
      const count = (person.failure?.count ?? 0) + 1;
      person.failure = { count, until: now + retryAfter(answer, count), why: answer.why };
      core.statistics.failed("read", answer.code);
      log.info("Events of a person could not be read", {
        ...{ user_id: userId, why: answer.why, code: answer.code },
      });
      onFailure(userId, answer.why);
    }
    this.plan(person);
    if (person.readAgain) {
      person.readAgain = false;
      this.soon(userId);
    }
    onRead(person);
  }

  /** When thousands share a boundary, their reads start earlier, each at its own time. */
  #spread(userId: string): number {
    const most = Math.min(LONGEST_SPREAD_MS, (this.#round.people.size / READS_PER_SECOND) * 1_000);
    return Math.floor(most * fraction(userId));
  }

  #safetyMs(userId: string, settings: CalendarSettings): number {
    // A summary alone needs the events only at its own time.
    if (!usesEvents(settings)) return SUMMARY_ALONE_MS;
    if (!this.#ports.live.isLive(userId)) return SAFETY_MS;
    // Spread out, so that people who were read together at the start are not always read together.
    return SAFETY_WITH_NOTIFICATIONS_MS * (0.95 + 0.1 * fraction(userId));
  }
}

/** A mailbox waits as long as Microsoft asked, and affects no other. */
function retryAfter(answer: EventsAnswer & { ok: false }, count: number): number {
  if (answer.retryAfterMs !== null) return Math.min(answer.retryAfterMs, NO_MAILBOX_MS);
  if (answer.why === "no_mailbox") return NO_MAILBOX_MS;
  if (answer.why === "denied" || answer.why === "not_connected") return DENIED_MS;
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(count - 1, 10));
}

/** The next time at which the events must be right. */
function boundaryOf(person: DayPerson, settings: PersonDay["settings"], now: number): number | null {
  const { events, record } = person;
  const { reminders, summary } = record.memory;
  const zone = zoneOfPerson(person);
  return earliest([
    usesEvents(settings) ? nextBoundary({ events, settings, memory: reminders, zone }, now) : null,
    summaryDue({ settings: settings.summary, zone, lastSentFor: summary.sentFor }, now).next,
  ]);
}
