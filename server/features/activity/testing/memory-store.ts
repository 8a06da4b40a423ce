/** The server's key-value store and cluster in memory, shared by as many nodes as a test needs. */

import type { Lease, LockOptions } from "../../../runtime/mattermost/index.ts";
import type { NotificationsCluster, NotificationsStore } from "../ports.ts";

export class MemoryStore implements NotificationsStore {
  readonly values = new Map<string, Uint8Array>();
  /** Called before each store call; may throw, or never resolve. */
  before: (call: string, key: string) => void | Promise<void> = () => {};
  calls = 0;

  async #enter(call: string, key: string): Promise<void> {
    this.calls += 1;
    await this.before(call, key);
  }

  async get(key: string) {
    await this.#enter("get", key);
    return this.values.get(key) ?? null;
  }

  async set(key: string, value: Uint8Array | string) {
    await this.#enter("set", key);
    this.values.set(key, typeof value === "string" ? new TextEncoder().encode(value) : value);
  }

  async delete(key: string) {
    await this.#enter("delete", key);
    this.values.delete(key);
  }

  async compareAndSet(key: string, expected: Uint8Array | null, next: Uint8Array | null) {
    await this.#enter("compareAndSet", key);
    const current = this.values.get(key) ?? null;
    const same = current && expected ? Buffer.compare(current, expected) === 0 : current === expected;
    if (!same) return false;
    if (next === null) this.values.delete(key);
    else this.values.set(key, next);
    return true;
  }

  async *list(prefix: string) {
    await this.#enter("list", prefix);
    for (const key of [...this.values.keys()]) if (key.startsWith(prefix)) yield key;
  }

  /** Ids of the entries that wait in the queue. */
  get waiting(): string[] {
    const partitions = [...this.values].filter(([key]) => /^queue_activity_[0-9a-z]$/.test(key));
    return partitions
      .flatMap(([, bytes]) => JSON.parse(new TextDecoder().decode(bytes)).entries as { id: string }[])
      .map(({ id }) => id)
      .sort();
  }
}

/** The nodes of one cluster: one holder of a lock at a time, events to all but the sender. */
export class MemoryCluster {
  readonly #holders = new Map<string, AbortController>();
  readonly #waiters = new Map<string, (() => void)[]>();
  readonly #handlers = new Map<string, Set<{ node: number; handler: (data: Uint8Array) => unknown }>>();
  #nodes = 0;

  node(): NotificationsCluster & { loseLocks(): void; die(): void } {
    const node = this.#nodes++;
    let isDead = false;
    const mine = new Set<string>();
    const release = (name: string) => {
      if (!mine.delete(name)) return;
      this.#holders.delete(name);
      for (const wake of this.#waiters.get(name)?.splice(0) ?? []) wake();
    };
    const loseLocks = () => {
      for (const name of [...mine]) {
        this.#holders.get(name)?.abort();
        release(name);
      }
    };
    return {
      lock: async (name: string, options: LockOptions = {}): Promise<Lease> => {
        while (this.#holders.has(name)) {
          await new Promise<void>((resolve, reject) => {
            const waiters = this.#waiters.get(name) ?? [];
            waiters.push(resolve);
            this.#waiters.set(name, waiters);
            options.signal?.addEventListener("abort", () => reject(new Error("stopped")));
          });
        }
        if (isDead) await new Promise<never>(() => {});
        const controller = new AbortController();
        this.#holders.set(name, controller);
        mine.add(name);
        return { signal: controller.signal, release: async () => release(name) };
      },
      publish: async (id, data) => {
        const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
        for (const one of this.#handlers.get(id) ?? []) if (one.node !== node) await one.handler(bytes);
      },
      on: (id, handler) => {
        const all = this.#handlers.get(id) ?? new Set();
        const one = { node, handler };
        all.add(one);
        this.#handlers.set(id, all);
        return () => all.delete(one);
      },
      /** As when the lease expired: the holder's signal is aborted, and another takes over. */
      loseLocks,
      /** The process has ended: its leases expire, and it never takes one again. */
      die: () => {
        isDead = true;
        loseLocks();
      },
    };
  }
}
