import type { KeyValueStore } from "./kv.ts";
import { takeLease } from "./lease.ts";
import type { Logger } from "./log.ts";
import { pause } from "./pause.ts";

export interface JobOptions {
  /** Time from the end of one run to the start of the next. */
  everyMs: number;
  /** How long a node that died blocks the others. The lease is renewed while the job runs. */
  leaseMs: number;
}

export interface Job {
  /** Aborts a running job, releases the lease, and waits for both. */
  stop(): Promise<void>;
}

export interface JobContext {
  kv: KeyValueStore;
  log: Logger;
  /** Resolves when the store can be used: a job may be registered before the plugin is activated. */
  ready: Promise<void>;
}

/**
 * Runs a job on one node at a time.
 *
 *   wait until due ─▶ take the lease ─▶ run ─▶ store when it ended ─▶ release the lease ─▶ …
 *
 * A frequent job keeps the lease between its runs and stores nothing: renewing is cheaper than locking again. A rare
 * one stores when it ended, so that a restart or another node does not run it early.
 */
export function runJob(
  { kv, log, ready }: JobContext,
  name: string,
  { everyMs, leaseMs }: JobOptions,
  job: (signal: AbortSignal) => Promise<void>,
): Job {
  const stopped = new AbortController();
  const rare = everyMs > 2 * leaseMs;
  const notes = kv.json(parseNote);
  const key = `job_${name}`;

  async function loop(): Promise<void> {
    await Promise.race([ready, whenAborted(stopped.signal)]);
    while (!stopped.signal.aborted) {
      try {
        await round();
      } catch (error) {
        log.warn("a job could not reach the store", { error });
        await pause(leaseMs, stopped.signal);
      }
    }
  }

  async function round(): Promise<void> {
    const wait = await untilDue();
    if (wait > 0) return pause(wait, stopped.signal);
    const lease = await takeLease(kv, name, leaseMs);
    // Jitter, or all nodes would keep asking at the same moment.
    if (!lease) return pause(leaseMs * (0.5 + Math.random() / 2), stopped.signal);
    try {
      do {
        if ((await untilDue()) > 0) break;
        const signal = AbortSignal.any([stopped.signal, lease.signal]);
        await run(signal);
        if (!rare) await pause(everyMs, signal);
        // A run that was cut short is not noted: the next node repeats it.
        else if (!signal.aborted) await notes.set(key, { endedAt: Date.now() });
      } while (!rare && !stopped.signal.aborted && !lease.signal.aborted);
    } finally {
      await lease.release();
    }
  }

  async function untilDue(): Promise<number> {
    if (!rare) return 0;
    const note = await notes.get(key);
    // A time in the future comes from another node's wrong clock: one interval is the longest wait that can be right.
    return note ? Math.min(note.endedAt + everyMs - Date.now(), everyMs) : 0;
  }

  async function run(signal: AbortSignal): Promise<void> {
    try {
      await job(signal);
    } catch (error) {
      if (!stopped.signal.aborted) log.error("a job failed", { error });
    }
  }

  const ended = loop();
  return {
    async stop() {
      stopped.abort();
      await ended;
    },
  };
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

interface Note {
  /** Milliseconds since 1970. */
  endedAt: number;
}

function parseNote(value: unknown): Note {
  const endedAt = (value as Partial<Note> | null)?.endedAt;
  return { endedAt: typeof endedAt === "number" ? endedAt : 0 };
}
