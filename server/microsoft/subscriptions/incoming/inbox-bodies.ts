/**
 * Stores the resource data of waiting notifications, encrypted as Graph sent it: one record per POST.
 *
 *   changes_body_{id}  ─▶  { v: 1, tokens, contents }
 */

import { randomUUID } from "node:crypto";
import type { QueuePorts } from "../../../platform/work/queue.ts";
import type { EncryptedContent } from "./content.ts";

/** The encrypted resource data of one POST. */
export interface StoredBody {
  /** Validation tokens that could not be verified on arrival; null when they were. */
  readonly tokens: readonly string[] | null;
  readonly contents: readonly EncryptedContent[];
}

/** The position of one content. */
export interface ContentPlace {
  readonly body: string;
  readonly index: number;
}

const CLEAR_MS = 60_000;
/** Number of bodies kept in memory; others are read again. */
const MAX_BODIES = 64;

export class InboxBodies {
  readonly #ports: Pick<QueuePorts, "clock" | "kv" | "log">;
  readonly #expireInSeconds: number;
  /** Ordered, the newest last. */
  readonly #bodies = new Map<string, StoredBody>();
  /** For each body, the indexes that are not handled yet. */
  readonly #left = new Map<string, Set<number>>();
  /** Bodies whose entries are all handled. */
  readonly #spent: string[] = [];

  constructor(ports: Pick<QueuePorts, "clock" | "kv" | "log">, expireInSeconds: number) {
    this.#ports = ports;
    this.#expireInSeconds = expireInSeconds;
  }

  /** Deletes bodies that are no longer needed, until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, kv, log } = this.#ports;
    while (!signal.aborted) {
      await clock.sleep(CLEAR_MS, signal);
      for (const name of this.#spent.splice(0)) {
        if (signal.aborted) return;
        await kv.delete(keyOf(name)).catch((error: unknown) => {
          log.warn("Contents that are no longer needed could not be deleted", { error });
        });
      }
    }
  }

  /** Stores a body. Returns its name. */
  async store(body: StoredBody): Promise<string> {
    const name = randomUUID();
    const expireInSeconds = this.#expireInSeconds;
    await this.#ports.kv.set(keyOf(name), JSON.stringify({ v: 1, ...body }), { expireInSeconds });
    this.#keep(name, body);
    return name;
  }

  async read(name: string): Promise<StoredBody | null> {
    const known = this.#bodies.get(name);
    if (known) return known;
    const bytes = await this.#ports.kv.get(keyOf(name));
    try {
      const body = bytes && parseBody(JSON.parse(new TextDecoder().decode(bytes)));
      if (body) this.#keep(name, body);
      return body;
    } catch {
      return null;
    }
  }

  /**
   * Marks a content as handled. The record is deleted some time after its last entry, which leaves the queue after
   * this call: a node that dies in between leaves the entry to another node, which needs the content. A record that
   * nobody deletes expires.
   */
  settle({ body: name, index }: ContentPlace): void {
    const left = this.#left.get(name);
    left?.delete(index);
    if (left && left.size > 0) return;
    this.#left.delete(name);
    this.#bodies.delete(name);
    if (left) this.#spent.push(name);
  }

  #keep(name: string, body: StoredBody): void {
    this.#bodies.set(name, body);
    if (!this.#left.has(name)) this.#left.set(name, new Set(body.contents.keys()));
    const [oldest] = this.#bodies.keys();
    if (this.#bodies.size > MAX_BODIES && oldest !== undefined) this.#bodies.delete(oldest);
  }
}

const keyOf = (name: string) => `changes_body_${name}`;

function parseBody(value: unknown): StoredBody {
  const it = value as { v?: unknown; tokens?: unknown; contents?: unknown } | null;
  if (it?.v !== 1 || !Array.isArray(it.contents) || !(it.tokens === null || Array.isArray(it.tokens)))
    throw new Error("not a body of changes");
  return value as StoredBody;
}
