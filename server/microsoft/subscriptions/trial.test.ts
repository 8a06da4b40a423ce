/** The trial of decryption uses the certificate that Graph would use. */

import { expect, test } from "bun:test";
import { type KeyRing, newKeyText, readKey } from "../../platform/store/sealed.ts";
import { ContentKeys } from "./incoming/content-keys.ts";
import { tryContents } from "./trial.ts";

const newRing = (): KeyRing => {
  const current = readKey(newKeyText());
  if (!current) throw new Error("no key");
  return { current, previous: null };
};

function keysOf(ring: () => KeyRing | null) {
  const store = new Map<string, Uint8Array>();
  const kv = {
    get: async (key: string) => store.get(key) ?? null,
    compareAndSet: async (key: string, _: unknown, next: Uint8Array | null) => {
      if (next) store.set(key, next);
      return true;
    },
  };
  return () => new ContentKeys({ kv: kv as never, now: () => 1_000, ring });
}

test("a sample is encrypted with our certificate and decrypted, also by another process", async () => {
  const ring = newRing();
  const made = keysOf(() => ring);
  const keys = made();
  expect(await tryContents(keys)).toBe("none");
  await keys.current();
  expect(await tryContents(keys)).toBe("opened");
  expect(await tryContents(made())).toBe("opened");
});

test("after the encryption key was replaced it cannot be decrypted", async () => {
  let ring = newRing();
  const made = keysOf(() => ring);
  await made().current();
  ring = newRing();
  expect(await tryContents(made())).toBe("unreadable");
});
