/**
 * The keys to which Graph encrypts contents, sealed at rest.
 *
 *   subscriptions_keys  ─▶  { v: 1, keys: [ { id, certificate, sealed, madeAt, lastNeededAt } … ] }   newest first
 *
 * The newest is sent to Graph. An older one stays until no registration names it and for a day more: notifications
 * are repeated for hours (docs/facts/microsoft-chat.md 3.5).
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
  /** null: the setting `encryption_key` is empty, and nothing can be sealed. */
  readonly ring: () => KeyRing | null;
  /** Default: a new RSA key of 2048 bits. */
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
  /** `unreadable`: it is there, and `encryption_key` is not the one that sealed it. */
  | { readonly found: false; readonly why: "unknown" | "unreadable" };

interface StoredKey extends CurrentCertificate {
  readonly sealed: string;
  /** When a registration named it last. */
  readonly lastNeededAt: number;
}

type StoredKeys = readonly StoredKey[];

const KEY = "subscriptions_keys";
const DAY_MS = 24 * 3_600_000;
/** The private key is worth a rotation twice a year; the certificate would last three. */
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

  /** The certificate for new subscriptions, made or replaced where that is due. null: `encryption_key` is empty. */
  async current(): Promise<CurrentCertificate | null> {
    const ring = this.#ports.ring();
    if (!ring) return null;
    const [newest] = await this.#record.read();
    const age = newest ? this.#ports.now() - newest.madeAt : Number.POSITIVE_INFINITY;
    if (newest && age < ROTATE_MS && (await this.#open(newest, ring))) return newest;
    return this.#add(newest?.id ?? null, ring);
  }

  /** The private key that a notification names. */
  async find(id: string): Promise<FoundKey> {
    const ring = this.#ports.ring();
    const hasId = (one: StoredKey) => one.id === id;
    const stored = this.#lastRead.find(hasId) ?? (await this.#record.read()).find(hasId);
    if (!stored) return { found: false, why: "unknown" };
    const key = ring && (await this.#open(stored, ring));
    return key ? { found: true, key } : { found: false, why: "unreadable" };
  }

  /** All keys in use, newest first; for the console. */
  list(): Promise<readonly CurrentCertificate[]> {
    return this.#record.read();
  }

  /** Seals again what the previous `encryption_key` sealed, and drops what nothing names any more. */
  async tidy(needed: ReadonlySet<string>): Promise<void> {
    const ring = this.#ports.ring();
    const now = this.#ports.now();
    await this.#record.change((keys) => {
      const next = keys.flatMap((stored, index) => {
        // The newest may be on its way to Graph in a call that is not registered yet.
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
      // Another node was first: its certificate is the one.
      if (newest && newest.id !== after) return { next: keys, result: newest };
      // The one it takes the place of was needed until now, however long no round has noted that.
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
  // A new key is made, and what was for the old ones is heard without content.
  damaged: () => [],
};
