/**
 * Simulates a person on a Mattermost server, with a clock that tests move. Includes the server's timed do-not-disturb
 * with its traps (docs/facts/microsoft-calendar.md 13), and our driver, which can be killed.
 */

import { type ZoneId, zoneOf } from "../../../../microsoft/time-zones/index.ts";
import type { CustomStatus } from "../custom-status.ts";
import {
  afterAnswer,
  afterFailedSummary,
  afterStep,
  type DayMemory,
  type DayStep,
  emptyDay,
  nextMoment,
  type PersonDay,
  stepsAt,
  withoutPast,
} from "../day.ts";
import { localTime } from "../days.ts";
import type { CalendarEvent } from "../event.ts";
import { type CalendarSettings, settingsAfterConnecting } from "../settings.ts";
import type { MattermostStatus, StatusNow } from "../status.ts";
import { at, event, type Json } from "./events.ts";

const MINUTE = 60_000;

const day = "2026-06-15";
/** A time on the day of the tests, in UTC. */
export const on = (time: string) => at(`${day}T${time}`);
export const meeting = (id: string, from: string, to: string, different: Json = {}) =>
  event(id, `${day}T${from}/${to}`, different);

/** A person at nine o'clock of that day. */
export function person(
  events: readonly CalendarEvent[],
  settings: Partial<CalendarSettings>,
): SimulatedPerson {
  return new SimulatedPerson(on("09:00"), events, settings);
}

export class SimulatedPerson {
  now: number;
  events: readonly CalendarEvent[];
  settings: CalendarSettings;
  zone = zoneOf("UTC") as ZoneId;
  memory: DayMemory = emptyDay;
  status: StatusNow = { status: "online", manual: false };
  custom: (CustomStatus & { expiresAt: number | null }) | null = null;
  running = true;
  summariesFail = false;
  /** Everything that the person and others saw, e.g. `10:00 dnd`, `09:50 remind a`. */
  readonly seen: string[] = [];
  /** Counts looks, to find drivers that never sleep. */
  looks = 0;
  #timedDnd: { until: number; previous: MattermostStatus } | null = null;
  #next: number | null = null;

  constructor(now: number, events: readonly CalendarEvent[], settings: Partial<CalendarSettings>) {
    this.now = now;
    this.events = events;
    this.settings = { ...settingsAfterConnecting, ...settings };
    this.look();
  }

  /** Also called after changes of events, settings or answers, as the feature looks at once then. */
  look(): void {
    if (!this.running) return;
    this.looks += 1;
    for (const step of stepsAt(this.#day(), this.now).steps) this.#carryOut(step);
    this.memory = withoutPast(this.memory, this.#day(), this.now);
    this.#next = nextMoment(this.#day(), this.now);
    if (this.#next !== null && this.#next <= this.now) throw new Error("the next moment is not after now");
  }

  passTo(end: number): void {
    for (;;) {
      const minute = (Math.floor(this.now / MINUTE) + 1) * MINUTE;
      const ours = this.running && this.#next !== null ? this.#next : Number.POSITIVE_INFINITY;
      const at = Math.min(ours, this.#timedDnd || this.custom ? minute : Number.POSITIVE_INFINITY);
      if (at > end) break;
      this.now = at;
      // The alarm may ring before the server's job of the same minute.
      if (at === ours) this.look();
      if (at === minute) this.#serverJob();
    }
    this.now = end;
  }

  kill(): void {
    this.running = false;
  }

  /** Restarts on another node, from what the store holds. */
  restart(): void {
    this.running = true;
    this.memory = JSON.parse(JSON.stringify(this.memory)) as DayMemory;
    this.look();
  }

  choose(status: MattermostStatus): void {
    this.#timedDnd = null;
    this.status = { status, manual: status !== "online" };
  }

  answer(answer: "yes" | "no"): void {
    this.memory = afterAnswer(this.memory, answer);
    this.look();
  }

  #day(): PersonDay {
    const custom = this.custom && { emoji: this.custom.emoji, text: this.custom.text };
    return {
      events: this.events,
      settings: this.settings,
      zone: this.zone,
      memory: this.memory,
      mattermost: { status: this.status, custom },
      inMeeting: { emoji: "calendar", text: "In a meeting" },
      focusing: { emoji: "dart", text: "Focusing" },
    };
  }

  #carryOut(step: DayStep): void {
    const before = this.memory;
    if (step.do === "summary" && this.summariesFail) {
      this.memory = afterFailedSummary(before, step.forDate);
      return;
    }
    this.memory = afterStep(before, step);
    switch (step.do) {
      case "status":
        if (step.decision.do === "set") this.#setOurs(step.decision.status, step.decision.until);
        if (step.decision.do === "extend") {
          // Otherwise the server would remember do-not-disturb as the previous status and never end it.
          if (before.status) this.status = before.status.prev;
          this.#setOurs(step.decision.status, step.decision.until);
        }
        if (step.decision.do === "restore") {
          this.#timedDnd = null;
          this.status = { status: step.decision.status, manual: step.decision.manual };
          this.#see(`${step.decision.status}${step.decision.manual ? " by hand" : ""}`);
        }
        break;
      case "custom":
        if (step.decision.do === "set") {
          this.custom = { ...step.decision };
          this.#see(`shows ${step.decision.text} until ${this.#time(step.decision.expiresAt)}`);
        }
        if (step.decision.do === "remove") {
          this.custom = null;
          this.#see("shows nothing");
        }
        break;
      case "ask":
        this.#see(
          ["ask", ...step.span.events, ...step.reminders.map(({ event }) => `+ ${event.id}`)].join(" "),
        );
        break;
      case "remind":
        for (const { event, late } of step.reminders) this.#see(`remind ${event.id}${late ? " late" : ""}`);
        break;
      case "summary":
        this.#see(`summary ${step.forDate}${step.late ? " late" : ""}`);
        break;
      case "summary_failed":
        this.#see(`summary failed ${step.forDate}`);
    }
  }

  #setOurs(status: "away" | "dnd", until: number): void {
    this.#timedDnd = status === "dnd" ? { until, previous: this.status.status } : null;
    this.status = { status, manual: true };
    this.#see(`${status} until ${this.#time(until)}`);
  }

  #serverJob(): void {
    if (this.custom?.expiresAt && this.custom.expiresAt <= this.now) this.custom = null;
    if (!this.#timedDnd || this.#timedDnd.until > this.now) return;
    this.status = { status: this.#timedDnd.previous, manual: false };
    this.#timedDnd = null;
    this.#see(`server: ${this.status.status}`);
  }

  #see(what: string): void {
    this.seen.push(`${this.#time(this.now)} ${what}`);
  }

  #time(moment: number): string {
    return localTime(moment, this.zone);
  }
}
