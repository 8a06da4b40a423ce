/**
 * The keys with which Graph encrypts resource data, encrypted at rest.
 *
 *   subscriptions_keys  ─▶  { v: 1, keys: [ { id, certificate, sealed, madeAt, lastNeededAt } … ] }   newest first
 *
 * New subscriptions use the newest key. An older one is kept until a day after the last registration that names it,
 * because Graph repeats notifications for hours (docs/facts/microsoft-chat.md 3.5).
 */

import { randomUUID } from "node:crypto";
import { type KeyRing, open, seal } from "../../../platform/store/sealed.ts";
import { type RecordFormat, SharedRecord } from "../../../platform/store/shared-record.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";
import { makeCertificate, type NewKeyPair } from "./certificate.ts";
import { importContentKey } from "./content.ts";

export interface ContentKeyPorts {
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly now: () => number;
  /** Returns null when the setting `encryption_key` is empty: then private keys cannot be encrypted. */
  readonly ring: () => KeyRing | null;
  /** Default: creates a new RSA key of 2048 bits. */
  readonly newKeyPair?: NewKeyPair | undefined;
}

export interface CurrentCertificate {
  readonly id: string;
  /** Base64 of the DER. */
  readonly certificate: string;
  readonly madeAt: number;
}

export type FoundKey =
  | { readonly found: true; readonly key: CryptoKey }
  /** `unreadable`: the key exists, but the current `encryption_key` cannot decrypt it. */
  | { readonly found: false; readonly why: "unknown" | "unreadable" };

interface StoredKey extends CurrentCertificate {
  readonly sealed: string;
  /** When a registration last used it. */
  readonly lastNeededAt: number;
}

type StoredKeys = readonly StoredKey[];

const KEY = "subscriptions_keys";
const DAY_MS = 24 * 3_600_000;
/** The private key is rotated twice a year, although the certificate would be valid for three years. */
const ROTATE_MS = 180 * DAY_MS;
const KEEP_MS = DAY_MS;
const owner = (id: string) => `subscriptions key ${id}`;

export class ContentKeys {
  readonly #ports: ContentKeyPorts;
  readonly #record: SharedRecord<StoredKeys>;
  #lastRead: StoredKeys = [];
  readonly #opened = new Map<string, { readonly sealed: string; readonly key: Promise<CryptoKey> }>();

  constructor(ports: ContentKeyPorts) {
    this.#ports = ports;
    this.#record = new SharedRecord(ports.kv, KEY, format);
    this.#record.onState = (keys) => {
      this.#lastRead = keys;
    };
  }

  /**
   * Returns the certificate for new subscriptions; creates or replaces it when necessary. null: `encryption_key` is
   * empty.
   */
  async current(): Promise<CurrentCertificate | null> {
    const ring = this.#ports.ring();
    if (!ring) return null;
    const [newest] = await this.#record.read();
    const age = newest ? this.#ports.now() - newest.madeAt : Number.POSITIVE_INFINITY;
    if (newest && age < ROTATE_MS && (await this.#open(newest, ring))) return newest;
    return this.#add(newest?.id ?? null, ring);
  }

  /** Returns the private key that a notification names. */
  async find(id: string): Promise<FoundKey> {
    const ring = this.#ports.ring();
    const hasId = (one: StoredKey) => one.id === id;
    const stored = this.#lastRead.find(hasId) ?? (await this.#record.read()).find(hasId);
    if (!stored) return { found: false, why: "unknown" };
    const key = ring && (await this.#open(stored, ring));
    return key ? { found: true, key } : { found: false, why: "unreadable" };
  }

  /** All keys in use, newest first, for the console. */
  list(): Promise<readonly CurrentCertificate[]> {
    return this.#record.read();
  }

  /**
   * Re-encrypts what the previous `encryption_key` encrypted, and removes keys that no registration names any more.
   */
  async tidy(needed: ReadonlySet<string>): Promise<void> {
    const ring = this.#ports.ring();
    const now = this.#ports.now();
    await this.#record.change((keys) => {
      const next = keys.flatMap((stored, index) => {
        // The newest key may be part of a Graph call that is not registered yet.
        const wanted = index === 0 || needed.has(stored.id);
        if (!wanted && now - stored.lastNeededAt > KEEP_MS) return [];
        const noted =
          wanted && now - stored.lastNeededAt > KEEP_MS / 24 ? { ...stored, lastNeededAt: now } : stored;
        return [ring ? resealed(noted, ring) : noted];
      });
      const same = next.length === keys.length && next.every((one, index) => one === keys[index]);
      return { next: same ? keys : next, result: undefined };
    });
  }

  async #add(after: string | null, ring: KeyRing): Promise<CurrentCertificate> {
    const now = this.#ports.now();
    const { certificate, privateKey } = await makeCertificate(
      "Mission Collaboration change notifications",
      now,
      this.#ports.newKeyPair,
    );
    const id = randomUUID();
    const sealed = seal(Buffer.from(privateKey).toString("base64"), owner(id), ring);
    const made: StoredKey = { id, certificate, sealed, madeAt: now, lastNeededAt: now };
    return this.#record.change<CurrentCertificate>((keys) => {
      const [newest] = keys;
      // When another node was first, its certificate is the current one.
      if (newest && newest.id !== after) return { next: keys, result: newest };
      // The replaced key was needed until now, even if no round has recorded that recently.
      const older = keys.map((one, index) => (index === 0 ? { ...one, lastNeededAt: now } : one));
      return { next: [made, ...older], result: made };
    });
  }

  async #open(stored: StoredKey, ring: KeyRing): Promise<CryptoKey | null> {
    const known = this.#opened.get(stored.id);
    if (known?.sealed === stored.sealed) return known.key;
    const opened = open(stored.sealed, owner(stored.id), ring);
    if (!opened.ok) return null;
    const key = importContentKey(Buffer.from(opened.text, "base64"));
    this.#opened.set(stored.id, { sealed: stored.sealed, key });
    return key;
  }
}

function resealed(stored: StoredKey, ring: KeyRing): StoredKey {
  const opened = open(stored.sealed, owner(stored.id), ring);
  if (!opened.ok || !opened.stale) return stored;
  return { ...stored, sealed: seal(opened.text, owner(stored.id), ring) };
}

const format: RecordFormat<StoredKeys> = {
  empty: [],
  parse(value) {
    const record = value as { v?: unknown; keys?: unknown } | null;
    if (record?.v !== 1 || !Array.isArray(record.keys)) throw new Error("not a record of content keys");
    return record.keys as StoredKeys;
  },
  print: (keys) => ({ v: 1, keys }),
  isEmpty: (keys) => keys.length === 0,
  // A new key is created; changes encrypted with lost keys are delivered without content.
  damaged: () => [],
};
