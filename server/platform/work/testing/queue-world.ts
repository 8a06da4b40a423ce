/** A queue on several nodes, with a clock that tests move. */

import { MemoryCluster, MemoryStore } from "../../../features/activity/testing/memory-store.ts";
import { type Outcome, Queue, type QueueOptions, type QueueWork } from "../queue.ts";

export const done: Outcome = { kind: "done" };
export const HOUR_MS = 3_600_000;

export function world() {
  const store = new MemoryStore();
  const cluster = new MemoryCluster();
  let now = 1_000_000_000;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  const clock = {
    now: () => now,
    random: () => 1,
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal.aborted) return resolve();
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal.addEventListener("abort", () => {
          sleepers.delete(sleeper);
          resolve();
        });
      }),
  };
  const warnings: string[] = [];
  const dropped: string[] = [];
  const parked: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  const handled: string[] = [];

  function node(
    handle: (work: QueueWork<string>) => Promise<Outcome> | Outcome = () => done,
    more: Partial<QueueOptions<string>> = {},
  ) {
    const mine = cluster.node();
    const queue = new Queue<string>(
      {
        name: "test",
        parse(value) {
          if (typeof value !== "string") throw new Error("no text");
          return value;
        },
        handle: async (work) => {
          const outcome = await handle(work);
          if (outcome.kind === "done") handled.push(work.entry.id);
          return outcome;
        },
        expiryMs: () => HOUR_MS,
        maxEntries: 1000,
        concurrency: 10,
        maxTries: 3,
        onDropped: (because) => dropped.push(because),
        onParked: (because) => parked.push(because),
        ...more,
      },
      { kv: store, cluster: mine, log, clock },
    );
    const stop = new AbortController();
    const add = (id: string, key = id, value = id) => queue.add({ id, key, at: now, value });
    let ended: Promise<void> = Promise.resolve();
    return {
      queue,
      add,
      start() {
        ended = queue.run(stop.signal);
      },
      stop: async () => {
        stop.abort();
        await ended;
      },
      /** As after a crash or a network fault: the lease expires and another node may work. */
      loseLease: () => mine.loseLocks(),
      loseEvents() {
        mine.publish = async () => {};
      },
    };
  }

  async function settle() {
    for (let turn = 0; turn < 60; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  async function pass(ms: number) {
    now += ms;
    for (const sleeper of [...sleepers]) {
      if (sleeper.at > now) continue;
      sleepers.delete(sleeper);
      sleeper.wake();
    }
    await settle();
  }

  return { store, node, settle, pass, handled, dropped, parked, warnings };
}
