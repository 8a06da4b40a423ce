/**
 * Keeps entries that the store did not take, on a node that does not deliver: no other node can know them. They are
 * stored as soon as the store works again. A node that dies before that loses them.
 */

import type { Clock } from "../../../platform/work/clock.ts";
import type { Entry, Outbox } from "./outbox.ts";

const RETRY_MS = 5_000;
/** A store that is down for long does not fill the memory; the oldest entries expire first. */
const MOST = 1_000;

export interface UnstoredPorts {
  readonly outbox: Pick<Outbox, "add">;
  readonly clock: Pick<Clock, "sleep">;
  readonly signal: AbortSignal;
  /** Called when an entry was stored. */
  readonly stored: (entry: Entry) => void;
}

export interface Unstored {
  keep(entry: Entry): void;
}

export function createUnstored({ clock, outbox, signal, stored }: UnstoredPorts): Unstored {
  const entries = new Set<Entry>();
  let isRunning = false;

  async function storeAll(): Promise<void> {
    for (const entry of entries) {
      await outbox.add(entry);
      entries.delete(entry);
      stored(entry);
    }
  }

  async function run(): Promise<void> {
    isRunning = true;
    while (entries.size > 0 && !signal.aborted) {
      await clock.sleep(RETRY_MS, signal);
      if (signal.aborted) break;
      await storeAll().catch(() => {
        // The store is still down: the next try follows.
      });
    }
    isRunning = false;
  }

  return {
    keep(entry) {
      const [oldest] = entries;
      if (oldest && entries.size >= MOST) entries.delete(oldest);
      entries.add(entry);
      if (!isRunning) void run();
    },
  };
}
