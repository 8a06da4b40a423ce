/**
 * Combines further messages for a person who got many activities within a minute into one activity: "12 more
 * messages". During a burst, each summary replaces the previous one (`chainId`).
 */

import type { Recipient } from "./delivery.ts";
import type { Entry } from "./outbox.ts";

/** Time from the first message held back to the summary: at most one a minute, a tenth of what Teams allows. */
export const SUMMARY_AFTER_MS = 60_000;
/** A burst is over when nothing was held back for this long; the next one starts a new activity. */
const BURST_OVER_MS = 10 * 60_000;

interface Held {
  readonly recipient: Recipient;
  /** Posts of the burst that were not sent one by one. */
  readonly entries: Map<string, Entry>;
  /** All posts of the burst so far, including those of earlier summaries. */
  count: number;
  dueAt: number;
  chainId: number;
  latestPostId: string;
  lastHeldAt: number;
}

export interface Summary {
  readonly recipients: readonly Recipient[];
  readonly count: number;
  readonly chainId: number;
  readonly latestPostId: string;
  readonly entries: ReadonlyMap<string, readonly Entry[]>;
}

export class Summaries {
  readonly #held = new Map<string, Held>();

  hold(recipient: Recipient, entry: Entry, now: number): void {
    let held = this.#held.get(recipient.userId);
    if (!held || now - held.lastHeldAt > BURST_OVER_MS) {
      // An Int64 at Graph and safe as a number here; whole seconds, so that people of the same burst share a request.
      const chainId = Math.floor(now / 1000);
      held = {
        recipient,
        entries: held?.entries ?? new Map(),
        count: held?.entries.size ?? 0,
        dueAt: 0,
        chainId,
        latestPostId: entry.postId,
        lastHeldAt: now,
      };
      this.#held.set(recipient.userId, held);
    }
    if (held.entries.has(entry.key)) return;
    if (held.entries.size === 0) held.dueAt = now + SUMMARY_AFTER_MS;
    held.entries.set(entry.key, entry);
    held.count += 1;
    held.latestPostId = entry.postId;
    held.lastHeldAt = now;
  }

  /** Returns when the next summary is due; null when nobody waits for one. */
  nextAt(): number | null {
    let next: number | null = null;
    for (const held of this.#held.values()) {
      if (held.entries.size > 0 && (next === null || held.dueAt < next)) next = held.dueAt;
    }
    return next;
  }

  /** Returns the due summaries; people with the same summary are grouped. */
  due(now: number): Summary[] {
    const groups = new Map<string, Held[]>();
    for (const [userId, held] of this.#held) {
      if (held.entries.size === 0) {
        if (now - held.lastHeldAt > BURST_OVER_MS) this.#held.delete(userId);
        continue;
      }
      if (held.dueAt > now) continue;
      const key = `${held.chainId} ${held.count} ${held.latestPostId}`;
      groups.set(key, [...(groups.get(key) ?? []), held]);
    }
    return [...groups.values()].flatMap(([first, ...rest]) =>
      first
        ? [
            {
              recipients: [first, ...rest].map((held) => held.recipient),
              count: first.count,
              chainId: first.chainId,
              latestPostId: first.latestPostId,
              entries: new Map(
                [first, ...rest].map((held) => [held.recipient.userId, [...held.entries.values()]]),
              ),
            },
          ]
        : [],
    );
  }

  /** Called when the person has received these activities, or when they are too old. */
  settle(userId: string, entries: readonly Entry[]): void {
    const held = this.#held.get(userId);
    for (const entry of entries) held?.entries.delete(entry.key);
  }

  clear(): void {
    this.#held.clear();
  }
}
