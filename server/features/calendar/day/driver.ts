/**
 * Drives the days of all members, on one node of the cluster at a time.
 *
 *   lease ─▶ records, settings ─▶ events of everybody ─▶ look ─▶ steps ─▶ alarm ─▶ look ─▶ …
 *
 * A look at a person happens when an alarm fires, when their events were read, and when a setting, an answer or the
 * memory changed.
 */

import { Alarms } from "../../../platform/work/alarms.ts";
import type { Logger } from "../../../runtime/mattermost/index.ts";
import type { CalendarCore } from "../core.ts";
import type { Mailboxes } from "../outlook/mailbox.ts";
import type { Member } from "../preferences/members.ts";
import { usesEvents } from "../rules/settings.ts";
import { type DayRecord, type DayStore, emptyRecord } from "./day-store.ts";
import { driverCounts } from "./driver-counts.ts";
import { LiveNotifications } from "./live.ts";
import { Looking } from "./looking.ts";
import { codeOf } from "./one-person.ts";
import { type DayPerson, newPerson, type Round, zoneOfPerson } from "./people.ts";
import { Reading } from "./reading.ts";
import { wantsDriver } from "./sight.ts";
import type { Steps } from "./steps.ts";

export interface DriverPorts {
  readonly core: CalendarCore;
  readonly store: DayStore;
  readonly steps: Steps;
  readonly mailboxes: Pick<Mailboxes, "refreshOld">;
  readonly log: Logger;
  /** How long a dead node blocks the others. */
  readonly leaseMs?: number;
}

const DEFAULT_LEASE_MS = 15_000;
const FAULT_MS = 5_000;
const CHANGED = "calendar.changed";
const LOOK = "calendar.look";

interface Driving extends Round {
  readonly reading: Reading;
  readonly looking: Looking;
  /** People who changed something while all records are read for the first time; null afterwards. */
  missed: Set<string> | null;
}

export class DayDriver {
  readonly #ports: DriverPorts;
  readonly #live: LiveNotifications;
  readonly #onLate: (seconds: number) => void;
  #driving: Driving | null = null;
  #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  readonly #ends: (() => void)[] = [];

  constructor(ports: DriverPorts) {
    this.#ports = ports;
    const { clock, metrics, subscriptions } = ports.core.services;
    this.#live = new LiveNotifications({ clock, subscriptions });
    const lateness = metrics.histogram(
      "calendar_boundary_lateness_seconds",
      "From the moment when something was due until it was done.",
      [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300],
    );
    this.#onLate = (seconds) => lateness.observe(seconds);
    const people = () => [...(this.#driving?.people.values() ?? [])];
    metrics.watch("calendar_members", "Members whose day this node drives.", () => people().length);
    metrics.watch(
      "calendar_members_failing",
      "Members whose events cannot be read at the moment.",
      () => people().filter(({ failure }) => failure !== null).length,
    );
    ports.core.statistics.driver = () =>
      this.isDriving ? driverCounts(people(), this.#live, clock.now()) : null;
    ports.core.members.onChange((userId, member) => this.#memberChanged(userId, member));
  }

  /** True on the one node that drives. */
  get isDriving(): boolean {
    return this.#driving !== null && !this.#driving.signal.aborted;
  }

  start(): void {
    const { cluster } = this.#ports.core.services;
    this.#stopping = new AbortController();
    const text = (data: Uint8Array) => new TextDecoder().decode(data);
    this.#ends.push(
      cluster.on(CHANGED, (data) => this.#driving?.reading.announced(text(data))),
      cluster.on(LOOK, (data) => this.#reload(text(data))),
    );
    this.#running = this.#keep(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const end of this.#ends.splice(0)) end();
    await this.#running;
  }

  /** Called on any node when events of this person may have changed. */
  changed(userId: string): void {
    if (this.isDriving) this.#driving?.reading.announced(userId);
    else this.#publish(CHANGED, userId);
  }

  /** Called on any node when the person's memory in the store was changed: by an answer or a snooze. */
  async remembered(userId: string): Promise<void> {
    if (this.isDriving) await this.#reload(userId);
    else this.#publish(LOOK, userId);
  }

  /** Called when new settings of the plugin or the server are in force. */
  settingsChanged(): void {
    const driving = this.#driving;
    if (!driving) return;
    driving.looking
      .refreshServer()
      .then((changed) => {
        if (changed) this.#everybodySoon();
      })
      .catch((error: unknown) =>
        this.#ports.log.warn("The server's configuration could not be read", { error: codeOf(error) }),
      );
  }

  #everybodySoon(): void {
    if (!this.#driving) return;
    const { looking, people, reading } = this.#driving;
    for (const userId of people.keys()) {
      reading.soon(userId);
      looking.soon(userId);
    }
  }

  #publish(event: string, userId: string): void {
    this.#ports.core.services.cluster
      .publish(event, userId)
      .catch((error: unknown) =>
        this.#ports.log.warn("The driving node could not be notified", { error: codeOf(error) }),
      );
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
        this.#ports.log.warn("The calendar could not run on this node", { error: codeOf(error) });
        await clock.sleep(FAULT_MS, signal);
      }
    }
  }

  async #drive(signal: AbortSignal): Promise<void> {
    const { core, log, steps } = this.#ports;
    const alarms = new Alarms(core.services.clock, () => this.#everybodySoon());
    const server = { now: { statuses: true, custom: true } };
    const round: Round = { people: new Map(), server, alarms, signal };
    const looking: Looking = new Looking(
      {
        ...{ core, log, steps, onLate: this.#onLate },
        planRead: (person) => reading.plan(person),
        forget: (userId) => this.#forget(userId),
      },
      round,
    );
    const reading: Reading = new Reading(
      {
        ...{ core, log, live: this.#live },
        refreshUsers: (people) => looking.refreshUsers(people),
        onRead: ({ userId, member }) => {
          this.#ports.mailboxes.refreshOld(userId, member);
          looking.soon(userId);
        },
        onFailure: (userId, why) => steps.unreadable(userId, why),
      },
      round,
    );
    this.#driving = { ...round, reading, looking, missed: new Set() };
    await this.#load(this.#driving);
    await alarms.run(signal);
    await Promise.allSettled([reading.ended, looking.ended]);
  }

  /** Reads every record once, then everybody's events. Until the events are read, a look still ends statuses that are over. */
  async #load(driving: Driving): Promise<void> {
    const { looking, people, reading, signal } = driving;
    const { core, steps, store } = this.#ports;
    await Promise.all([this.#live.refresh(), looking.refreshServer()]);
    const records = new Map<string, DayRecord>();
    for await (const [userId, record] of store.all()) records.set(userId, record);
    for await (const [userId, member] of core.members.all()) {
      const record = records.get(userId) ?? emptyRecord;
      if (wantsDriver(member.settings, record.memory)) people.set(userId, newPerson(userId, member, record));
    }
    await this.#loadMissed(driving);
    for (const person of people.values()) {
      if (signal.aborted) return;
      const { pending } = person.record;
      if (pending) person.record = await steps.recover(person.userId, pending);
    }
    await looking.refreshUsers([...people.values()]);
    for (const { record, userId } of people.values()) {
      reading.soon(userId);
      if (record.memory.status || record.memory.custom) looking.soon(userId);
    }
  }

  /** What was read of these people may be older than their change. */
  async #loadMissed(driving: Driving): Promise<void> {
    const { missed, people } = driving;
    for (const userId of missed ?? []) {
      missed?.delete(userId);
      const [member, record] = await Promise.all([
        this.#ports.core.members.get(userId),
        this.#ports.store.get(userId),
      ]);
      if (member && wantsDriver(member.settings, record.memory))
        people.set(userId, newPerson(userId, member, record));
      else people.delete(userId);
    }
    driving.missed = null;
  }

  /** Called when settings changed, or when somebody joined or left. */
  #memberChanged(userId: string, member: Member | null): void {
    const driving = this.#driving;
    if (!driving || !this.isDriving) return;
    if (driving.missed) return void driving.missed.add(userId);
    const known = driving.people.get(userId);
    if (!member) this.#forget(userId);
    else if (known) this.#settingsChanged(known, member, driving);
    if (!member || known || !wantsDriver(member.settings, emptyRecord.memory)) return;
    driving.people.set(userId, newPerson(userId, member, emptyRecord));
    void this.#reload(userId);
    driving.reading.soon(userId);
  }

  #settingsChanged(person: DayPerson, member: Member, { looking, reading }: Driving): void {
    const before = { zone: zoneOfPerson(person), usesEvents: usesEvents(person.member.settings) };
    person.member = member;
    const asksForMore = usesEvents(member.settings) && !before.usesEvents;
    // In another time zone, other days are needed. People with only a summary were last read just for that.
    if (asksForMore || zoneOfPerson(person) !== before.zone) reading.soon(person.userId);
    if (!asksForMore) looking.soon(person.userId);
  }

  #forget(userId: string): void {
    this.#driving?.people.delete(userId);
    for (const what of ["look", "read", "changed"]) this.#driving?.alarms.cancel(`${what} ${userId}`);
  }

  async #reload(userId: string): Promise<void> {
    if (this.#driving?.missed) return void this.#driving.missed.add(userId);
    const person = this.#driving?.people.get(userId);
    if (!person) return;
    try {
      person.record = await this.#ports.store.get(userId);
      this.#driving?.looking.soon(userId);
    } catch (error) {
      this.#ports.log.warn("The record of a person's day could not be read", { error: codeOf(error) });
    }
  }
}
