/**
 * Carries out a request once although it arrives twice: after a double press, two requests may reach two nodes.
 *
 *   request ─▶ lease on the key ─▶ note of the last run ─▶ work, which may write a note ─▶ lease released
 *
 * Requests with the same key run one after the other on all nodes, so the second one finds the result of the first. If
 * both have the same words, it also finds the note of the first one, for results that cannot be read back from
 * Microsoft. On one node, requests with the same words share one run.
 */

import type { Cluster, KeyValueStore, Lease } from "../../runtime/mattermost/index.ts";
import { ProductError } from "../errors.ts";

export interface OncePorts {
  readonly cluster: Pick<Cluster, "lock">;
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  /** Names the lease and, where there are notes, the key family. */
  readonly prefix: string;
  /** Milliseconds that a request waits for the one before it, on another node. Default: 20 s. */
  readonly waitMs?: number;
}

export interface Turn {
  /** Returns the note of the last run with the same words; null when there was none within a minute. */
  noted(): Promise<string | null>;
  /** Stores a note for a minute. Only IDs and numbers, never text of a person. */
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

/** A node that dies delays later requests for this long at most. */
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
   * Rejects with the error of `work` or of the store, when another node works for too long (`still_running`), and when
   * the signal is aborted before another node has released the lease.
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

  /** Takes its turn among the requests with this key, and is never the same request as another one. */
  inTurn<T>(key: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.run(key, crypto.randomUUID(), work, signal);
  }

  async #leaseOf(key: string, signal?: AbortSignal): Promise<Lease> {
    const tooLong = AbortSignal.timeout(this.#ports.waitMs ?? WAIT_MS);
    try {
      return await this.#ports.cluster.lock(this.#nameOf(key), {
        leaseMs: LEASE_MS,
        signal: signal ? AbortSignal.any([tooLong, signal]) : tooLong,
      });
    } catch (error) {
      throw error === tooLong.reason ? new ProductError("still_running") : error;
    }
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
      // The outcome of the work is already known, and a lease that cannot be released expires.
      await lease.release().catch(() => {});
    }
  }
}

function digest(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("base64url").slice(0, 22);
}
