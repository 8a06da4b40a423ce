/**
 * Looks at people whose time has come: reads statuses of a hundred people in one call, then carries out each person's
 * steps. Yields often, so that other requests do not wait for thousands of looks.
 */

import { chunks } from "../../../platform/chunks.ts";
import type { Logger, User } from "../../../runtime/mattermost/index.ts";
import { audienceOf, type CalendarCore } from "../core.ts";
import { earliest } from "../rules/boundary.ts";
import { nextMoment, type PersonDay, stepsAt, withoutPast } from "../rules/day.ts";
import { statusNow } from "../status/carry-out.ts";
import { customNow } from "../status/custom.ts";
import { serverSwitches } from "../status/server-switches.ts";
import { focusingFor, inMeetingFor } from "../status/words.ts";
import { breathe, codeOf } from "./one-person.ts";
import { type DayPerson, isUserOld, type Round, type ServerFacts, zoneOfPerson } from "./people.ts";
import { memoryInSight, settingsInSight, wantsDriver } from "./sight.ts";
import type { StepContext, Steps } from "./steps.ts";

/** Many at once, so that their records share few writes of the store. */
const LOOKS_AT_A_TIME = 400;
/** Decisions in a row before other work may run: about 2 ms. */
const IN_A_ROW = 10;
/** Delay before a failing server or store is tried again. */
const RETRY_MS = 5_000;
/** A summary uses events that were read within this time. */
const SUMMARY_FRESH_MS = 10 * 60_000;
const SERVER_FACTS_MS = 10 * 60_000;

export interface LookingPorts {
  readonly core: CalendarCore;
  readonly steps: Steps;
  readonly log: Logger;
  /** Records the seconds from when something was due until it was done. */
  readonly onLate: (seconds: number) => void;
  readonly planRead: (person: DayPerson) => void;
  readonly forget: (userId: string) => void;
}

export class Looking {
  readonly #ports: LookingPorts;
  readonly #round: Round;
  readonly #due = new Set<string>();
  #running: Promise<void> | null = null;
  #serverReadAt = Number.NEGATIVE_INFINITY;

  constructor(ports: LookingPorts, round: Round) {
    this.#ports = ports;
    this.#round = round;
  }

  get ended(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** Returns true when the server's support for statuses has changed. */
  async refreshServer(): Promise<boolean> {
    const before = this.#round.server.now;
    this.#serverReadAt = Number.NEGATIVE_INFINITY;
    const { custom, statuses } = await this.#serverFacts();
    return custom !== before.custom || statuses !== before.statuses;
  }

  soon(userId: string, plannedAt: number | null = null): void {
    const person = this.#round.people.get(userId);
    if (!person) return;
    person.plannedAt ??= plannedAt;
    if (person.looking) {
      person.lookAgain = true;
      return;
    }
    this.#due.add(userId);
    this.#running ??= this.#all();
  }

  async refreshUsers(people: readonly DayPerson[]): Promise<void> {
    const { api, clock } = this.#ports.core.services;
    const at = clock.now();
    for (const some of chunks(people, LOOKS_AT_A_TIME)) {
      const ids = some.map(({ userId }) => userId);
      for (const data of await api.getUsersByIds(ids)) {
        const person = this.#round.people.get(data.Id);
        if (person) person.user = { data, at };
      }
    }
  }

  async #all(): Promise<void> {
    const { people, signal } = this.#round;
    await Promise.resolve();
    while (!signal.aborted && this.#due.size > 0) {
      const ids = [...this.#due].slice(0, LOOKS_AT_A_TIME);
      for (const userId of ids) this.#due.delete(userId);
      const some = ids.flatMap((userId) => people.get(userId) ?? []);
      try {
        await this.#look(some);
      } catch (error) {
        if (signal.aborted) return;
        this.#ports.log.warn("Members' days could not be processed", { error: codeOf(error) });
        for (const { userId } of some) this.#ring(userId, this.#now() + RETRY_MS);
      }
      await breathe();
    }
    // In the same turn as the last look at `due`, so that the next `soon` begins again.
    this.#running = null;
  }

  async #look(people: readonly DayPerson[]): Promise<void> {
    const { api } = this.#ports.core.services;
    const server = await this.#serverFacts();
    const now = this.#now();
    const ids = people
      .filter(({ member, record }) => member.settings.status !== "off" || record.memory.status)
      .map(({ userId }) => userId);
    const [statuses] = await Promise.all([
      server.statuses && ids.length > 0 ? api.getUserStatusesByIds(ids) : [],
      this.refreshUsers(people.filter((person) => isUserOld(person, now) || usesCustom(person))),
    ]);
    for (const one of statuses) {
      const person = this.#round.people.get(one.UserId);
      if (person) person.status = statusNow(one);
    }
    const looks: Promise<void>[] = [];
    for (const some of chunks(people, IN_A_ROW)) {
      if (this.#round.signal.aborted) break;
      for (const person of some) looks.push(this.#lookAt(person, server));
      await breathe();
    }
    await Promise.all(looks);
  }

  async #lookAt(person: DayPerson, server: ServerFacts): Promise<void> {
    const { log, onLate, steps } = this.#ports;
    const { plannedAt, user, userId } = person;
    // The account is gone or deactivated.
    if (!user || user.data.DeleteAt > 0) return;
    person.looking = true;
    person.plannedAt = null;
    let failed = false;
    try {
      const now = this.#now();
      const due = stepsAt(this.#dayOf(person, user.data, server), now).steps;
      for (const step of due) {
        if (this.#round.signal.aborted) return;
        const outcome = await steps.carryOut(step, this.#context(person, user.data, server), now);
        person.record = outcome.record;
        failed ||= outcome.failed;
      }
      if (due.length > 0) {
        person.record = await steps.settle(userId, person.record);
        if (plannedAt !== null && !failed) onLate(Math.max(0, this.#now() - plannedAt) / 1_000);
      }
    } catch (error) {
      failed = true;
      log.warn("A step of a person's day failed", { user_id: userId, error: codeOf(error) });
    } finally {
      person.looking = false;
      if (this.#round.people.get(userId) === person)
        this.#plan(person, this.#dayOf(person, user.data, server), failed);
    }
  }

  #context(person: DayPerson, user: User, server: ServerFacts): StepContext {
    const { events, failure, member, readAt, record, status } = person;
    const now = this.#now();
    const day = this.#dayOf(person, user, server);
    return {
      ...{ audience: audienceOf(user, member), record, events, status },
      areFresh: failure === null && readAt !== null && now - readAt < SUMMARY_FRESH_MS,
      tidy: (memory) => withoutPast(memory, { ...day, memory }, now),
    };
  }

  /** Plans the next look, or none: a person who wants nothing, and for whom nothing is left to undo, is dropped. */
  #plan(person: DayPerson, day: PersonDay, failed: boolean): void {
    const { member, record, userId } = person;
    const now = this.#now();
    if (!wantsDriver(member.settings, record.memory)) {
      this.#ports.forget(userId);
      return;
    }
    const at = earliest([nextMoment(day, now), failed ? now + RETRY_MS : null]);
    person.nextLookAt = at;
    if (at === null) this.#round.alarms.cancel(`look ${userId}`);
    else this.#ring(userId, at);
    if (!person.reading) this.#ports.planRead(person);
    if (person.lookAgain) {
      person.lookAgain = false;
      this.soon(userId);
    }
  }

  #ring(userId: string, at: number): void {
    this.#round.alarms.set(`look ${userId}`, at, () => this.soon(userId, at));
  }

  #dayOf(person: DayPerson, user: User, server: ServerFacts): PersonDay {
    const { events, member, readAt, record, status } = person;
    const now = this.#now();
    const sight = { known: readAt !== null, ...server };
    return {
      events,
      zone: zoneOfPerson(person),
      settings: settingsInSight(member, sight),
      memory: memoryInSight(record.memory, sight, now),
      mattermost: {
        status: status ?? { status: "offline", manual: false },
        custom: customNow(user, now, record.memory.custom),
      },
      inMeeting: inMeetingFor(user.Locale),
      focusing: focusingFor(user.Locale),
    };
  }

  #now(): number {
    return this.#ports.core.services.clock.now();
  }

  async #serverFacts(): Promise<ServerFacts> {
    const now = this.#now();
    const { server } = this.#round;
    if (now - this.#serverReadAt < SERVER_FACTS_MS) return server.now;
    const config = await this.#ports.core.services.api.getConfig();
    this.#serverReadAt = now;
    server.now = serverSwitches(config);
    return server.now;
  }
}

function usesCustom({ member, record }: DayPerson): boolean {
  return member.settings.customStatus || record.memory.custom !== null;
}
