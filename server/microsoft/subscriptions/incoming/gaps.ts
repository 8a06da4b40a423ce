/**
 * Reads changes that notifications did not report: after a loss, periodically, and, with polling, as the only way.
 *
 *   [ seen until − 2 min, now ]  ─▶ the feature reads it ─▶ seen until := now
 *
 * Only the end of the last fill is certain: a notification that arrived later says nothing about those that were
 * lost.
 */

import { atOnce } from "../../../platform/work/at-once.ts";
import type { Clock } from "../../../platform/work/clock.ts";
import { Pacing } from "../../../platform/work/pacing.ts";
import { FILLS_PER_MINUTE, fillEveryMs, type Wished } from "../lifecycle/plan.ts";
import type { Registrations, WishState } from "../lifecycle/registrations.ts";
import { detailOf, waitMs } from "../problems.ts";

export interface GapPorts {
  readonly registrations: Registrations;
  readonly clock: Clock;
  readonly onFilled: () => void;
}

/** The windows overlap, because clocks differ and a change appears in lists a little later than it happens. */
const OVERLAP_MS = 2 * 60_000;
const AT_ONCE = 4;

export class Gaps {
  readonly #ports: GapPorts;
  readonly #pacing: Pacing;
  readonly #filling = new Set<string>();
  #isEager = false;

  constructor(ports: GapPorts) {
    this.#ports = ports;
    this.#pacing = new Pacing({ perSecond: FILLS_PER_MINUTE / 60, burst: FILLS_PER_MINUTE / 4 }, ports.clock);
  }

  /** The next call of `fillDue` fills all gaps, also those that should wait longer. */
  fillSoon(): void {
    this.#isEager = true;
  }

  /** Fills all due gaps; resolves when they are done or the signal is aborted. Never throws. */
  async fillDue(
    wishes: readonly Wished[],
    delivery: "webhook" | "polling",
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, registrations } = this.#ports;
    const isEager = this.#isEager;
    this.#isEager = false;
    const states = await registrations.states();
    const requests = wishes.reduce((sum, { listener }) => sum + (listener.requestsPerFill ?? 1), 0);
    const everyMs = fillEveryMs(delivery, requests);
    const due = wishes
      .flatMap((wished) => {
        const state = states.get(wished.id);
        const isDue = state && state.seenUntil !== null && (isEager || state.fillAt <= clock.now());
        return isDue && !this.#filling.has(wished.id) ? [{ wished, state }] : [];
      })
      // The longest overdue first: with thousands of wishes, a round takes its time.
      .sort((a, b) => a.state.fillAt - b.state.fillAt);
    await atOnce(due, AT_ONCE, async ({ wished, state }) => {
      if (!signal.aborted) await this.#fill(wished, state, everyMs, signal);
    });
  }

  async #fill(
    { id, listener, wish }: Wished,
    before: WishState,
    everyMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { registrations, clock, onFilled } = this.#ports;
    const to = clock.now();
    const { seenUntil } = before;
    // The clock was set back: the last fill was one interval ago at most.
    const isAhead = seenUntil !== null && seenUntil > to;
    const from = (isAhead ? to - everyMs : (seenUntil ?? to)) - OVERLAP_MS;
    this.#filling.add(id);
    try {
      await listener.fillGap(wish, { from, to }, { signal, turn: () => this.#pacing.take(signal) });
      // An aborted fill may have returned early, so the window stays open.
      if (signal.aborted) return;
      const next = clock.now() + Math.ceil(everyMs * (0.9 + clock.random() / 10));
      await registrations.changeState(id, (state) => ({
        ...state,
        seenUntil: isAhead ? to : Math.max(state.seenUntil ?? 0, to),
        lastFilledAt: clock.now(),
        // Something was lost meanwhile: the next fill stays due.
        fillAt: state.fillAt === before.fillAt ? next : state.fillAt,
        problem: state.problem?.code === "gap_not_filled" ? null : state.problem,
      }));
      onFilled();
    } catch (error) {
      if (!signal.aborted) await this.#failed(id, error).catch(() => {});
    } finally {
      this.#filling.delete(id);
    }
  }

  async #failed(id: string, error: unknown): Promise<void> {
    const { registrations, clock } = this.#ports;
    await registrations.changeState(id, (state) => {
      const mine = state.problem?.code === "gap_not_filled" ? state.problem : null;
      const tries = (mine?.tries ?? 0) + 1;
      const fillAt = clock.now() + waitMs("gap_not_filled", tries, clock.random(), error);
      const since = mine?.since ?? clock.now();
      // `nextTryAt` is in the past, so that it does not delay a renewal.
      const problem = { code: "gap_not_filled", detail: detailOf(error), since, tries, nextTryAt: 0 };
      return { ...state, fillAt, problem: state.problem && !mine ? state.problem : problem };
    });
  }
}
