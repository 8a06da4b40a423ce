/**
 * What a person asked for twice by accident: a double press whose two requests reach two nodes.
 *
 *   request ─▶ lease on the key ─▶ note of the last run ─▶ work, which may write a note ─▶ lease given back
 *
 * Requests with the same key run one after the other on all nodes, so the second one finds what the first one did. It
 * also finds the first one's note, if both asked in the same words: for what cannot be read back from Microsoft. On one
 * node, requests in the same words are one run.
 */

import type { Cluster, KeyValueStore, Lease } from "../../runtime/mattermost/index.ts";

export interface OncePorts {
  readonly cluster: Pick<Cluster, "lock">;
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  /** Names the lease and, where there are notes, the key family. */
  readonly prefix: string;
}

export interface Turn {
  /** What the last run in the same words wrote; null: there was none within a minute. */
  noted(): Promise<string | null>;
  /** Kept for a minute. IDs and numbers, never text of a person. */
  note(text: string): Promise<void>;
}

interface Running {
  readonly words: string;
  readonly ended: Promise<unknown>;
}

interface Request<T> {
  readonly key: string;
  readonly words: string;
  readonly work: (turn: Turn) => Promise<T>;
}

/** A node that dies keeps a person waiting for this long at most. */
const LEASE_MS = 10_000;
/** The server itself gives up a press after 30 s. */
const WAIT_MS = 20_000;
/** Longer than the two requests of a double press can be apart. */
const NOTE_S = 60;

export class Once {
  readonly #ports: OncePorts;
  /** The last run of each key on this node. */
  readonly #running = new Map<string, Running>();

  constructor(ports: OncePorts) {
    this.#ports = ports;
  }

  /**
   * Rejects with what `work` or the store throws, when another node works for too long, and when the signal is aborted
   * before another node has given the lease back.
   */
  async run<T>(
    key: string,
    words: string,
    work: (turn: Turn) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const before = this.#running.get(key);
    if (before?.words === words) return before.ended as Promise<T>;
    const ended = (async () => {
      await before?.ended.catch(() => {});
      return this.#alone(await this.#leaseOf(key, signal), { key, words, work });
    })();
    const mine = { words, ended };
    this.#running.set(key, mine);
    try {
      return await ended;
    } finally {
      if (this.#running.get(key) === mine) this.#running.delete(key);
    }
  }

  #leaseOf(key: string, signal?: AbortSignal): Promise<Lease> {
    const tooLong = AbortSignal.timeout(WAIT_MS);
    return this.#ports.cluster.lock(this.#nameOf(key), {
      leaseMs: LEASE_MS,
      signal: signal ? AbortSignal.any([tooLong, signal]) : tooLong,
    });
  }

  #nameOf(key: string): string {
    return this.#ports.prefix + digest(key);
  }

  async #alone<T>(lease: Lease, { key, words, work }: Request<T>): Promise<T> {
    const { kv } = this.#ports;
    const name = this.#nameOf(key);
    try {
      let stored: Promise<Uint8Array | null> | null = null;
      const read = () => {
        stored ??= kv.get(name);
        return stored;
      };
      return await work({
        async noted() {
          const bytes = await read();
          const [asked, noted] = bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as string[]) : [];
          return asked === digest(words) ? (noted ?? null) : null;
        },
        async note(text) {
          const before = await read();
          const next = new TextEncoder().encode(JSON.stringify([digest(words), text]));
          if (await kv.compareAndSet(name, before, next, { expireInSeconds: NOTE_S }))
            stored = Promise.resolve(next);
        },
      });
    } finally {
      // What was done is done: a lease that cannot be given back expires.
      await lease.release().catch(() => {});
    }
  }
}

function digest(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("base64url").slice(0, 22);
}
