import type { KeyValueStore } from "./kv.ts";
import { type Lease, takeLease } from "./lease.ts";
import type { Logger } from "./log.ts";
import { pause } from "./pause.ts";

export interface JobOptions {
  /** From the end of one run to the start of the next. */
  everyMs: number;
  /** How long a node that died keeps the others from taking over. Renewed while the job runs. */
  leaseMs: number;
}

export interface Job {
  /** Aborts a running job, gives the lease back, and waits for both. */
  stop(): Promise<void>;
}

export interface JobContext {
  kv: KeyValueStore;
  log: Logger;
  /** The store can be asked from now on: a job may be set up before the plugin is activated. */
  ready: Promise<void>;
}

/**
 * Runs a job on one node at a time.
 *
 *   wait until due ─▶ take the lease ─▶ run ─▶ note when it ended ─▶ give the lease back ─▶ …
 *
 * A frequent job keeps the lease between its runs, and needs no note: a renewal is cheaper than another lock.
 * A rare one notes its end in the store, so that a restart or another node does not run it early.
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
    // With jitter, or all nodes would ask at the same moment for ever.
    if (!lease) return pause(leaseMs * (0.5 + Math.random() / 2), stopped.signal);
    try {
      do {
        if ((await untilDue()) > 0) break;
        await run(lease);
        if (rare) await notes.set(key, { endedAt: Date.now() });
        else await pause(everyMs, AbortSignal.any([stopped.signal, lease.signal]));
      } while (!rare && !stopped.signal.aborted && !lease.signal.aborted);
    } finally {
      await lease.release();
    }
  }

  async function untilDue(): Promise<number> {
    if (!rare) return 0;
    const note = await notes.get(key);
    // A note from the future is another node's wrong clock: one interval is the longest that can be right.
    return note ? Math.min(note.endedAt + everyMs - Date.now(), everyMs) : 0;
  }

  async function run(lease: Lease): Promise<void> {
    try {
      await job(AbortSignal.any([stopped.signal, lease.signal]));
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
