/**
 * Drives the days of all members, on one node of the cluster at a time.
 *
 *   lease ─▶ records, settings ─▶ events of everybody ─▶ look ─▶ steps ─▶ alarm ─▶ look ─▶ …
 *
 * A person is looked at when an alarm rings, when their events were read, and when a setting, an answer or the
 * memory changed. Their events are read shortly before each boundary, when Microsoft announced a change, and now
 * and then for safety: rarely while notifications arrive, every five minutes otherwise.
 */

import { Alarms } from "../../../platform/work/alarms.ts";
import type { Logger, User } from "../../../runtime/mattermost/index.ts";
import { audienceOf, type CalendarCore } from "../core.ts";
import type { EventsAnswer, Wanted } from "../outlook/view.ts";
import { type Member, zoneOfMember } from "../preferences/members.ts";
import { earliest, nextBoundary } from "../rules/boundary.ts";
import { nextMoment, type PersonDay, stepsAt, withoutPast } from "../rules/day.ts";
import type { CalendarEvent } from "../rules/event.ts";
import type { StatusNow } from "../rules/status.ts";
import { summaryDue } from "../rules/summary.ts";
import { viewAt } from "../rules/view.ts";
import { customNow } from "../status/custom.ts";
import { statusNow } from "../status/carry-out.ts";
import { inMeetingFor } from "../status/words.ts";
import { type DayRecord, type DayStore, emptyRecord } from "./day-store.ts";
import { LiveNotifications } from "./live.ts";
import { breathe, codeOf, compact, fraction } from "./one-person.ts";
import { memoryInSight, settingsInSight, wantsDriver } from "./sight.ts";
import type { StepContext, Steps } from "./steps.ts";

export interface DriverPorts {
  readonly core: CalendarCore;
  readonly store: DayStore;
  readonly steps: Steps;
  readonly log: Logger;
  /** How long a dead node holds up the others. */
  readonly leaseMs?: number;
}

/** A person as the driving node knows them. */
interface Person {
  readonly userId: string;
  member: Member;
  record: DayRecord;
  events: readonly CalendarEvent[];
  /** When `events` were read; null before the first time. */
  readAt: number | null;
  /** Since when reading fails, how often, and not before when it is tried again. */
  failure: { readonly count: number; readonly until: number } | null;
  user: { readonly data: User; readonly at: number } | null;
  /** As it was seen at the last look. */
  status: StatusNow | null;
  reading: boolean;
  readAgain: boolean;
  looking: boolean;
  lookAgain: boolean;
  /** When the alarm for the present look was set to ring: for the figures. */
  plannedAt: number | null;
}

/** What the server's own configuration allows. */
interface ServerFacts {
  readonly statuses: boolean;
  readonly custom: boolean;
}

const DEFAULT_LEASE_MS = 15_000;
const FAULT_MS = 5_000;
const SAFETY_MS = 5 * 60_000;
/** With living notifications: a view of 48 hours is still good, and 1,000 idle people are 50 batches. */
const SAFETY_WITH_NOTIFICATIONS_MS = 65 * 60_000;
/** Microsoft sends two or three notifications for one change. */
const COALESCE_MS = 2_000;
const FIRST_RETRY_MS = 15_000;
const LONGEST_RETRY_MS = 15 * 60_000;
const NO_MAILBOX_MS = 24 * 3_600_000;
const DENIED_MS = 3_600_000;
/** Events are read so long before a boundary, later by up to a minute where many people share one. */
const READ_AHEAD_MS = 5_000;
/** Mailboxes that are read in one second: four batches of twenty. */
const READS_PER_SECOND = 80;
const LONGEST_SPREAD_MS = 55_000;
/** A read this young needs no other one before a boundary. */
const FRESH_MS = 60_000;
/** Zone and language of a person change rarely. */
const USER_MS = 6 * 3_600_000;
/** A summary is made of events that were read within this time. */
const SUMMARY_FRESH_MS = 10 * 60_000;
const LOOKS_AT_A_TIME = 100;
const STEPS_AT_A_TIME = 16;
const SERVER_FACTS_MS = 10 * 60_000;

const CHANGED = "calendar.changed";
const LOOK = "calendar.look";

export class DayDriver {
  readonly #ports: DriverPorts;
  readonly #people = new Map<string, Person>();
  readonly #live: LiveNotifications;
  readonly #due = new Set<string>();
  readonly #wantRead = new Set<string>();
  readonly #lateness;
  #alarms: Alarms;
  #driving: AbortSignal | null = null;
  #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #pumping: Promise<void> | null = null;
  #fetching: Promise<void> | null = null;
  #server: (ServerFacts & { readonly at: number }) | null = null;
  readonly #ends: (() => void)[] = [];

  constructor(ports: DriverPorts) {
    this.#ports = ports;
    const { clock, metrics, subscriptions } = ports.core.services;
    this.#alarms = new Alarms(clock);
    this.#live = new LiveNotifications({ clock, subscriptions });
    this.#lateness = metrics.histogram(
      "calendar_boundary_lateness_seconds",
      "From the moment when something was due until it was done.",
      [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300],
    );
    metrics.watch("calendar_members", "Members whose day this node drives.", () => this.#people.size);
    metrics.watch(
      "calendar_members_failing",
      "Members whose events cannot be read at the moment.",
      () => [...this.#people.values()].filter(({ failure }) => failure !== null).length,
    );
  }

  /** True on the one node that does the work. */
  get isDriving(): boolean {
    return this.#driving !== null && !this.#driving.aborted;
  }

  start(): void {
    const { cluster } = this.#ports.core.services;
    this.#stopping = new AbortController();
    const text = (data: Uint8Array) => new TextDecoder().decode(data);
    this.#ends.push(
      cluster.on(CHANGED, (data) => this.#announced(text(data))),
      cluster.on(LOOK, (data) => this.#reload(text(data))),
    );
    this.#running = this.#keep(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const end of this.#ends.splice(0)) end();
    await this.#running;
  }

  /** Events of this person may have changed; on any node. */
  changed(userId: string): void {
    if (this.isDriving) this.#announced(userId);
    else this.#publish(CHANGED, userId);
  }

  /** The person's memory was changed in the store: an answer, a snooze. On any node. */
  async remembered(userId: string): Promise<void> {
    if (this.isDriving) await this.#reload(userId);
    else this.#publish(LOOK, userId);
  }

  /** New settings of the plugin or the server are in force. */
  settingsChanged(): void {
    this.#server = null;
    for (const person of this.#people.values()) person.failure = null;
  }

  #publish(event: string, userId: string): void {
    this.#ports.core.services.cluster
      .publish(event, userId)
      .catch((error: unknown) => this.#ports.log.warn("The driving node could not be told", { error }));
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { clock, cluster } = this.#ports.core.services;
    while (!signal.aborted) {
      try {
        const leaseMs = this.#ports.leaseMs ?? DEFAULT_LEASE_MS;
        const lease = await cluster.lock("calendar", { leaseMs, signal });
        try {
          await this.#drive(AbortSignal.any([signal, lease.signal]));
        } finally {
          this.#driving = null;
          await lease.release().catch(() => {});
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#ports.log.warn("The calendar could not be driven", { error });
        await clock.sleep(FAULT_MS, signal);
      }
    }
  }

  async #drive(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports.core.services;
    this.#people.clear();
    this.#due.clear();
    this.#wantRead.clear();
    this.#alarms = new Alarms(clock);
    this.#driving = signal;
    await this.#load(signal);
    await this.#alarms.run(signal);
    await Promise.allSettled([this.#pumping, this.#fetching]);
  }

  /** Every record once; then everybody's events. */
  async #load(signal: AbortSignal): Promise<void> {
    const { core, steps, store } = this.#ports;
    await this.#live.refresh();
    const records = new Map<string, DayRecord>();
    for await (const [userId, record] of store.all()) records.set(userId, record);
    for await (const [userId, member] of core.members.all()) {
      const record = records.get(userId) ?? emptyRecord;
      if (wantsDriver(member.settings, record.memory)) this.#add(userId, member, record);
    }
    for (const [userId, { pending }] of records) {
      if (signal.aborted) return;
      const person = this.#people.get(userId);
      if (pending && person) person.record = await steps.recover(userId, pending);
    }
    for (const { userId } of this.#people.values()) this.#readSoon(userId);
  }

  #add(userId: string, member: Member, record: DayRecord): Person {
    const person: Person = {
      ...{ userId, member, record, events: [], readAt: null, failure: null, user: null, status: null },
      ...{ reading: false, readAgain: false, looking: false, lookAgain: false, plannedAt: null },
    };
    this.#people.set(userId, person);
    return person;
  }

  /** Settings changed, or somebody came or left. */
  memberChanged(userId: string, member: Member | null): void {
    if (!this.isDriving) return;
    const person = this.#people.get(userId);
    if (!member) return this.#forget(userId);
    if (person) {
      const moved = zoneOfMember(person.member, null) !== zoneOfMember(member, null);
      person.member = member;
      if (!wantsDriver(member.settings, person.record.memory)) return this.#forget(userId);
      if (moved) this.#readSoon(userId);
      this.#lookSoon(userId);
    } else if (wantsDriver(member.settings, emptyRecord.memory)) {
      this.#add(userId, member, emptyRecord);
      void this.#reload(userId);
      this.#readSoon(userId);
    }
  }

  #forget(userId: string): void {
    this.#people.delete(userId);
    this.#alarms.cancel(`look ${userId}`);
    this.#alarms.cancel(`read ${userId}`);
  }

  async #reload(userId: string): Promise<void> {
    const { log, store } = this.#ports;
    const person = this.#people.get(userId);
    if (!person) return;
    try {
      person.record = await store.get(userId);
      this.#lookSoon(userId);
    } catch (error) {
      log.warn("The record of a person's day could not be read", { error });
    }
  }

  #announced(userId: string): void {
    const person = this.#people.get(userId);
    if (!this.isDriving || !person) return;
    const at = this.#now() + COALESCE_MS;
    this.#alarms.set(`changed ${userId}`, at, () => this.#readSoon(userId));
  }

  #now(): number {
    return this.#ports.core.services.clock.now();
  }

  // ── Reading ──────────────────────────────────────────────────────────────────────────────────────────

  #readSoon(userId: string): void {
    const person = this.#people.get(userId);
    if (!person) return;
    if (person.reading) {
      person.readAgain = true;
      return;
    }
    this.#wantRead.add(userId);
    this.#fetching ??= this.#fetchAll().finally(() => {
      this.#fetching = null;
    });
  }

  async #fetchAll(): Promise<void> {
    const signal = this.#driving;
    // Everybody whose alarm rings now goes into the same batches.
    await Promise.resolve();
    const rounds = new Set<Promise<void>>();
    while (signal && !signal.aborted && this.#wantRead.size > 0) {
      const ids = [...this.#wantRead];
      this.#wantRead.clear();
      const round = this.#fetch(ids, signal).finally(() => rounds.delete(round));
      rounds.add(round);
      // Who comes later does not wait for a slow mailbox of this round.
      await Promise.race([round, this.#ports.core.services.clock.sleep(200, signal)]);
    }
    await Promise.all(rounds);
  }

  async #fetch(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const { core, log } = this.#ports;
    const now = this.#now();
    const people = ids.flatMap((userId) => this.#people.get(userId) ?? []);
    for (const person of people) person.reading = true;
    try {
      await this.#refreshUsers(people.filter(({ user }) => !user || now - user.at > USER_MS));
      const wanted: Wanted[] = people.map((person) => {
        const zone = this.#zoneOf(person);
        return { userId: person.userId, period: viewAt(now, zone).wanted, zone };
      });
      await core.view.readMany(wanted, (userId, answer) => this.#arrived(userId, answer), signal);
    } catch (error) {
      if (!signal.aborted) log.warn("Events could not be read", { error: codeOf(error) });
    } finally {
      for (const person of people) {
        if (!person.reading) continue;
        person.reading = false;
        if (signal.aborted) continue;
        // Nothing came for this one: the round broke off.
        this.#arrived(person.userId, {
          ...{ ok: false, why: "unavailable", retryAfterMs: null, code: "broken_off" },
        });
      }
    }
  }

  #arrived(userId: string, answer: EventsAnswer): void {
    const person = this.#people.get(userId);
    if (!person) return;
    person.reading = false;
    const now = this.#now();
    if (answer.ok) {
      person.events = answer.events.map(compact);
      person.readAt = now;
      person.failure = null;
    } else {
      const count = (person.failure?.count ?? 0) + 1;
      person.failure = { count, until: now + this.#retryAfter(answer, count) };
      this.#ports.log.info("Events of a person could not be read", {
        ...{ user_id: userId, why: answer.why, code: answer.code },
      });
      this.#ports.steps.unreadable(userId, answer.why);
    }
    if (person.readAgain) {
      person.readAgain = false;
      this.#readSoon(userId);
    }
    this.#planRead(person);
    this.#lookSoon(userId);
  }

  /** One mailbox waits as long as Microsoft asked for it, and no other one with it. */
  #retryAfter(answer: EventsAnswer & { ok: false }, count: number): number {
    if (answer.retryAfterMs !== null) return Math.min(answer.retryAfterMs, NO_MAILBOX_MS);
    if (answer.why === "no_mailbox") return NO_MAILBOX_MS;
    if (answer.why === "denied" || answer.why === "not_connected") return DENIED_MS;
    return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(count - 1, 10));
  }

  /** The next read: before the next boundary, for safety, or again after a failure. */
  #planRead(person: Person): void {
    const { userId } = person;
    const now = this.#now();
    const safety = (person.readAt ?? now) + this.#safetyMs(userId);
    const boundary = this.#nextBoundary(person, now);
    const before = boundary === null ? null : boundary - READ_AHEAD_MS - this.#spread(userId);
    const fresh = person.readAt !== null && before !== null && before - person.readAt < FRESH_MS;
    const at = person.failure
      ? person.failure.until
      : earliest([Math.max(safety, now + 1_000), before !== null && before > now && !fresh ? before : null]);
    if (at !== null) this.#alarms.set(`read ${userId}`, at, () => this.#readSoon(userId));
  }

  #nextBoundary({ events, member, record, user }: Person, now: number): number | null {
    const zone = zoneOfMember(member, user?.data ?? null);
    const { settings } = member;
    const { memory } = record;
    return earliest([
      settings.status !== "off" || settings.customStatus || settings.reminders
        ? nextBoundary({ events, settings, memory: memory.reminders, zone }, now)
        : null,
      summaryDue({ settings: settings.summary, zone, lastSentFor: memory.summary.sentFor }, now).next,
    ]);
  }

  /** Where thousands share a boundary their reads begin earlier, each at a time of its own. */
  #spread(userId: string): number {
    const most = Math.min(LONGEST_SPREAD_MS, (this.#people.size / READS_PER_SECOND) * 1_000);
    return Math.floor(most * fraction(userId));
  }

  #safetyMs(userId: string): number {
    if (!this.#live.isLive(userId)) return SAFETY_MS;
    // Spread, so that everybody read at the start is not read at once for ever.
    return SAFETY_WITH_NOTIFICATIONS_MS * (0.95 + 0.1 * fraction(userId));
  }

  // ── Looking ──────────────────────────────────────────────────────────────────────────────────────────

  #lookSoon(userId: string, plannedAt: number | null = null): void {
    const person = this.#people.get(userId);
    if (!person) return;
    person.plannedAt ??= plannedAt;
    if (person.looking) {
      person.lookAgain = true;
      return;
    }
    this.#due.add(userId);
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = null;
    });
  }

  async #pump(): Promise<void> {
    const signal = this.#driving;
    await Promise.resolve();
    while (signal && !signal.aborted && this.#due.size > 0) {
      const ids = [...this.#due].slice(0, LOOKS_AT_A_TIME);
      for (const userId of ids) this.#due.delete(userId);
      const people = ids.flatMap((userId) => this.#people.get(userId) ?? []);
      try {
        await this.#look(people, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#ports.log.warn("Days could not be looked at", { error: codeOf(error) });
        const at = this.#now() + FAULT_MS;
        for (const { userId } of people)
          this.#alarms.set(`look ${userId}`, at, () => this.#lookSoon(userId, at));
      }
      await breathe();
    }
  }

  async #look(people: readonly Person[], signal: AbortSignal): Promise<void> {
    const { api } = this.#ports.core.services;
    const server = await this.#serverFacts();
    const now = this.#now();
    const wantStatus = people.filter(
      ({ member, record }) => member.settings.status !== "off" || record.memory.status,
    );
    const [statuses] = await Promise.all([
      server.statuses && wantStatus.length > 0
        ? api.getUserStatusesByIds(wantStatus.map(({ userId }) => userId))
        : [],
      this.#refreshUsers(
        people.filter(
          ({ member, record, user }) =>
            !user || now - user.at > USER_MS || member.settings.customStatus || record.memory.custom,
        ),
      ),
    ]);
    for (const one of statuses) {
      const person = this.#people.get(one.UserId);
      if (person) person.status = statusNow(one);
    }
    const waiting = [...people];
    const worker = async () => {
      let done = 0;
      for (let person = waiting.shift(); person; person = waiting.shift()) {
        if (signal.aborted) return;
        await this.#lookAt(person, server, signal);
        done += 1;
        if (done % 5 === 0) await breathe();
      }
    };
    await Promise.all(Array.from({ length: STEPS_AT_A_TIME }, worker));
  }

  async #lookAt(person: Person, server: ServerFacts, signal: AbortSignal): Promise<void> {
    const { user, userId } = person;
    // Deactivated, or gone from the server.
    if (!user || user.data.DeleteAt > 0) return;
    const { plannedAt } = person;
    person.looking = true;
    person.plannedAt = null;
    let failed = false;
    try {
      const now = this.#now();
      const { steps } = stepsAt(this.#dayOf(person, user.data, server), now);
      for (const step of steps) {
        if (signal.aborted) return;
        const context: StepContext = {
          audience: audienceOf(user.data, person.member),
          record: person.record,
          events: person.events,
          status: person.status,
          areFresh: person.failure === null && person.readAt !== null && now - person.readAt < SUMMARY_FRESH_MS,
        };
        const outcome = await this.#ports.steps.carryOut(step, context, now);
        person.record = outcome.record;
        failed ||= outcome.failed;
      }
      if (steps.length > 0) {
        person.record = await this.#ports.steps.settle(userId, person.record);
        if (plannedAt !== null && !failed)
          this.#lateness.observe(Math.max(0, this.#now() - plannedAt) / 1_000);
      }
    } catch (error) {
      failed = true;
      if (!signal.aborted)
        this.#ports.log.warn("A step of a person's day failed", { user_id: userId, error: codeOf(error) });
    } finally {
      person.looking = false;
      if (this.#people.get(userId) === person) this.#planLook(person, user.data, server, failed);
    }
  }

  #planLook(person: Person, user: User, server: ServerFacts, failed: boolean): void {
    const { userId } = person;
    const now = this.#now();
    const whole = { ...this.#dayOf(person, user, server), memory: person.record.memory };
    person.record = { ...person.record, memory: withoutPast(whole.memory, whole, now) };
    if (!wantsDriver(person.member.settings, person.record.memory)) return this.#forget(userId);
    const at = earliest([
      nextMoment(this.#dayOf(person, user, server), now),
      failed ? now + FIRST_RETRY_MS : null,
    ]);
    if (at === null) this.#alarms.cancel(`look ${userId}`);
    else this.#alarms.set(`look ${userId}`, at, () => this.#lookSoon(userId, at));
    if (!person.reading) this.#planRead(person);
    if (person.lookAgain) {
      person.lookAgain = false;
      this.#lookSoon(userId);
    }
  }

  #dayOf({ events, member, readAt, record, status, user }: Person, { Locale }: User, server: ServerFacts): PersonDay {
    const now = this.#now();
    const sight = { known: readAt !== null, statuses: server.statuses, custom: server.custom };
    return {
      events,
      zone: zoneOfMember(member, user?.data ?? null),
      settings: settingsInSight(member.settings, sight),
      memory: memoryInSight(record.memory, sight, now),
      mattermost: {
        status: status ?? { status: "offline", manual: false },
        custom: user && customNow(user.data, now),
      },
      inMeeting: inMeetingFor(Locale),
    };
  }

  #zoneOf({ member, user }: Person) {
    return zoneOfMember(member, user?.data ?? null);
  }

  async #refreshUsers(people: readonly Person[]): Promise<void> {
    if (people.length === 0) return;
    const { api } = this.#ports.core.services;
    const at = this.#now();
    for (let start = 0; start < people.length; start += LOOKS_AT_A_TIME) {
      const chunk = people.slice(start, start + LOOKS_AT_A_TIME);
      for (const data of await api.getUsersByIds(chunk.map(({ userId }) => userId))) {
        const person = this.#people.get(data.Id);
        if (person) person.user = { data, at };
      }
    }
  }

  async #serverFacts(): Promise<ServerFacts> {
    const now = this.#now();
    if (this.#server && now - this.#server.at < SERVER_FACTS_MS) return this.#server;
    const config = await this.#ports.core.services.api.getConfig();
    this.#server = {
      statuses: config?.ServiceSettings?.EnableUserStatuses ?? true,
      custom: config?.TeamSettings?.EnableCustomUserStatuses ?? true,
      at: now,
    };
    return this.#server;
  }
}
