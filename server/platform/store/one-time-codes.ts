/**
 * Codes that work once and for a short time, on every node of a cluster. The store holds only a hash of the code, so
 * nobody can get a working code from the database.
 */

import type { KeyValueStore } from "../../runtime/mattermost/index.ts";

export interface OneTimeCodes<T> {
  /** Stores the record and returns a code of 256 random bits for it. */
  issue(record: T): Promise<string>;
  /** Returns the record of a code and invalidates the code; `null` when it is unknown, used or expired. */
  take(code: string): Promise<T | null>;
}

export interface OneTimeCodesOptions<T> {
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** The prefix of the key family. */
  readonly prefix: string;
  readonly livesSeconds: number;
  /** Throws for a record of another shape. */
  readonly parse: (value: unknown) => T;
}

const CODE = /^[A-Za-z0-9_-]{43}$/;

export function createOneTimeCodes<T extends object>(options: OneTimeCodesOptions<T>): OneTimeCodes<T> {
  const { kv, clock, prefix, livesSeconds, parse } = options;
  const keyOf = (code: string) =>
    `${prefix}.${new Bun.CryptoHasher("sha256").update(code).digest("base64url")}`;
  return {
    async issue(record) {
      const code = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
      const bytes = new TextEncoder().encode(
        JSON.stringify({ ...record, until: clock() + livesSeconds * 1000 }),
      );
      if (!(await kv.compareAndSet(keyOf(code), null, bytes, { expireInSeconds: livesSeconds })))
        throw new Error("a one-time code exists already");
      return code;
    },
    async take(code) {
      if (!CODE.test(code)) return null;
      const bytes = await kv.get(keyOf(code));
      // The record is removed before it is read: of two requests with the same code, one finds it gone.
      if (!bytes || !(await kv.compareAndSet(keyOf(code), bytes, null))) return null;
      const value = JSON.parse(new TextDecoder().decode(bytes)) as { until?: unknown };
      return typeof value.until === "number" && clock() < value.until ? parse(value) : null;
    },
  };
}

/** PKCE (RFC 7636, S256): whether `challenge` is the base64url SHA-256 of the verifier. */
export function answersChallenge(verifier: string, challenge: string): boolean {
  const digest = new Bun.CryptoHasher("sha256").update(verifier).digest();
  const wanted = Buffer.from(challenge, "base64url");
  return wanted.length === digest.length && crypto.timingSafeEqual(digest, wanted);
}
