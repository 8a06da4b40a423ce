/**
 * A person who got many activities within a minute gets further ones as one activity: "12 more
 * messages". While the burst lasts, each summary replaces the one before (`chainId`).
 */

import type { Recipient } from "./delivery.ts";
import type { Entry } from "./outbox.ts";

/** From the first message held back to the summary: at most one a minute, the tenth of what Teams lets through. */
export const SUMMARY_AFTER_MS = 60_000;
/** A burst is over when nothing was held back for so long; the next one starts a new activity. */
const BURST_OVER_MS = 10 * 60_000;

interface Held {
  readonly recipient: Recipient;
  /** Posts of the burst that were not told one by one. */
  readonly entries: Map<string, Entry>;
  /** All posts of the burst so far, those of earlier summaries included. */
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
      // Int64 at Graph, safe as a number here; whole seconds, so that people of one burst share a request.
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

  /** When the next summary is due; null when nobody waits for one. */
  nextAt(): number | null {
    let next: number | null = null;
    for (const held of this.#held.values()) {
      if (held.entries.size > 0 && (next === null || held.dueAt < next)) next = held.dueAt;
    }
    return next;
  }

  /** Those that are due, people with the same summary together. */
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

  /** The person has their activity, or they are too old. */
  settle(userId: string, entries: readonly Entry[]): void {
    const held = this.#held.get(userId);
    for (const entry of entries) held?.entries.delete(entry.key);
  }

  clear(): void {
    this.#held.clear();
  }
}
