/**
 * Per-member records: settings, muted chats, and the thread in which each chat continues.
 *
 *   chats.person.{user}  ─▶  { v: 1, choices, muted, threads }      removed with the connection
 */

import { steady } from "../../../platform/work/steady.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";
import type { ChatsPorts } from "../ports.ts";
import { type Chosen, chatPreferences } from "./choices.ts";

/** The thread of the answered post, in which the chat continues. */
export interface Thread {
  readonly root: string;
  /** The time of the last message in it, from either side. */
  readonly at: number;
  /** True after the first answer, which quotes; later ones do not. */
  readonly answered: boolean;
}

export interface PersonRecord {
  readonly chosen: Chosen;
  /** Chat → the end of the mute; 0 is permanent. */
  readonly muted: Readonly<Record<string, number>>;
  readonly threads: Readonly<Record<string, Thread>>;
}

export const noRecord: PersonRecord = { chosen: chatPreferences.none, muted: {}, threads: {} };
export const PERSON_PREFIX = "chats.person.";

/** Cluster events can get lost, so a cached record is read again after this time. */
const KEPT_MS = 30_000;
const MAX_KEPT = 10_000;
const MAX_MUTED = 500;
const MAX_THREADS = 100;
const CHANGED = "chats.person";

interface Seen {
  readonly at: number;
  readonly bytes: Uint8Array | null;
  readonly record: PersonRecord;
}

export class PersonRecords {
  readonly #kv: Pick<KeyValueStore, "get" | "compareAndSet" | "delete">;
  readonly #ports: Pick<ChatsPorts, "clock" | "cluster">;
  readonly #seen = new Map<string, Seen>();

  constructor(ports: Pick<ChatsPorts, "clock" | "cluster" | "kv">) {
    this.#kv = ports.kv;
    this.#ports = ports;
    ports.cluster.on(CHANGED, (data) => void this.#seen.delete(new TextDecoder().decode(data)));
  }

  async read(userId: string): Promise<PersonRecord> {
    const known = this.#seen.get(userId);
    if (known && steady(this.#ports.clock).now() - known.at < KEPT_MS) return known.record;
    return (await this.#load(userId)).record;
  }

  /** `next` must be pure, because a lost race runs it again. Returning the same object writes nothing. */
  async change(userId: string, next: (record: PersonRecord) => PersonRecord): Promise<PersonRecord> {
    for (let tries = 0; tries < 20; tries += 1) {
      const seen = await this.#load(userId);
      const record = next(seen.record);
      if (record === seen.record) return record;
      const bytes = encode(tidy(record, this.#ports.clock.now()));
      if (await this.#kv.compareAndSet(PERSON_PREFIX + userId, seen.bytes, bytes)) {
        this.#keep(userId, { at: steady(this.#ports.clock).now(), bytes, record });
        this.#ports.cluster.publish(CHANGED, userId).catch(() => {});
        return record;
      }
    }
    throw new Error("too many writers of one person's record");
  }

  async remove(userId: string): Promise<void> {
    await this.#kv.delete(PERSON_PREFIX + userId);
    this.#seen.delete(userId);
    this.#ports.cluster.publish(CHANGED, userId).catch(() => {});
  }

  async #load(userId: string): Promise<Seen> {
    const bytes = await this.#kv.get(PERSON_PREFIX + userId);
    const seen = { at: steady(this.#ports.clock).now(), bytes, record: parse(bytes) };
    this.#keep(userId, seen);
    return seen;
  }

  #keep(userId: string, seen: Seen): void {
    if (this.#seen.size >= MAX_KEPT) this.#seen.clear();
    this.#seen.set(userId, seen);
  }
}

/** Returns null to delete the record of a person who has nothing of their own. */
function encode({ chosen, muted, threads }: PersonRecord): Uint8Array | null {
  const stored = chatPreferences.toJson(chosen);
  const isEmpty = [stored, muted, threads].every((one) => Object.keys(one).length === 0);
  return isEmpty ? null : new TextEncoder().encode(JSON.stringify({ v: 1, choices: stored, muted, threads }));
}

function tidy({ chosen, muted, threads }: PersonRecord, now: number): PersonRecord {
  const stillMuted = Object.entries(muted).filter(([, until]) => until === 0 || until > now);
  const newest = Object.entries(threads).sort(([, a], [, b]) => b.at - a.at);
  return {
    chosen,
    muted: Object.fromEntries(stillMuted.slice(-MAX_MUTED)),
    threads: Object.fromEntries(newest.slice(0, MAX_THREADS)),
  };
}

function parse(bytes: Uint8Array | null): PersonRecord {
  if (!bytes) return noRecord;
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    if (value.v !== 1) return noRecord;
    const muted = Object.entries(value.muted ?? {}).filter(([, until]) => Number.isFinite(until));
    const threads = Object.entries((value.threads ?? {}) as Record<string, Partial<Thread>>).filter(
      ([, one]) => typeof one?.root === "string" && typeof one.at === "number",
    );
    return {
      chosen: chatPreferences.fromJson(value.choices),
      muted: Object.fromEntries(muted) as Record<string, number>,
      threads: Object.fromEntries(threads) as Record<string, Thread>,
    };
  } catch {
    return noRecord;
  }
}
