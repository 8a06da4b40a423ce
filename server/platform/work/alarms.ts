/**
 * Many alarms on one timer: 10,000 people with reminders and status changes do not need 10,000 timers.
 *
 * Alarms live in memory. After a restart, the owner computes them again from stored data.
 */

import type { Clock } from "./clock.ts";
import { setBackOf } from "./steady.ts";

interface Alarm {
  readonly id: string;
  readonly at: number;
  readonly run: () => void;
}

/** Longest sleep of the timer, so that a clock change or a suspended machine is noticed within this time. */
const LONGEST_SLEEP_MS = 30_000;

export class Alarms {
  readonly #clock: Clock;
  readonly #byId = new Map<string, Alarm>();
  /** A binary heap ordered by `at`. Replaced and cancelled alarms stay in it until they reach the top. */
  #heap: Alarm[] = [];
  #changed = new AbortController();
  readonly #onSetBack: () => void;

  /** `onSetBack`: the clock was set back, so the owner must compute those alarms again that end a wait. */
  constructor(clock: Clock, onSetBack: () => void = () => {}) {
    this.#clock = clock;
    this.#onSetBack = onSetBack;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Sets an alarm; replaces one with the same id. With `at` in the past it fires at once. `run` must not throw. */
  set(id: string, at: number, run: () => void): void {
    const alarm = { id, at, run };
    this.#byId.set(id, alarm);
    this.#push(alarm);
    if (this.#heap.length > 64 && this.#heap.length > 4 * this.#byId.size) this.#compact();
    if (this.#heap[0] === alarm) this.#changed.abort();
  }

  cancel(id: string): void {
    this.#byId.delete(id);
  }

  /** Returns the time of the next alarm in milliseconds since 1970, or null when there is none. */
  nextAt(): number | null {
    this.#dropDead();
    return this.#heap[0]?.at ?? null;
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const isSetBack = setBackOf(this.#clock);
    while (!signal.aborted) {
      this.#changed = new AbortController();
      if (isSetBack()) this.#onSetBack();
      this.#ring(signal);
      const wait = Math.min(
        LONGEST_SLEEP_MS,
        (this.nextAt() ?? Number.POSITIVE_INFINITY) - this.#clock.now(),
      );
      await this.#clock.sleep(Math.max(0, wait), AbortSignal.any([signal, this.#changed.signal]));
    }
  }

  #ring(signal: AbortSignal): void {
    for (let first = this.nextAt(); first !== null && first <= this.#clock.now(); first = this.nextAt()) {
      const alarm = this.#pop() as Alarm;
      this.#byId.delete(alarm.id);
      if (signal.aborted) return;
      alarm.run();
    }
  }

  #dropDead(): void {
    for (let first = this.#heap[0]; first && this.#byId.get(first.id) !== first; first = this.#heap[0])
      this.#pop();
  }

  #compact(): void {
    const alive = [...this.#byId.values()];
    this.#heap = alive.sort((a, b) => a.at - b.at);
  }

  #push(alarm: Alarm): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(alarm);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Alarm;
      if (above.at <= alarm.at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = alarm;
  }

  #pop(): Alarm | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as Alarm).at < (heap[child] as Alarm).at) child += 1;
      if ((heap[child] as Alarm).at >= last.at) break;
      heap[index] = heap[child] as Alarm;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}
