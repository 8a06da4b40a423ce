import { describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import { type KeyRing, newKeyText, open, readKey, type SealingKey, seal } from "./sealed.ts";

const key = () => readKey(newKeyText()) as SealingKey;
const ring = (current = key(), previous: SealingKey | null = null): KeyRing => ({ current, previous });

describe("a sealed text", () => {
  test("is opened by its owner, and never looks the same twice", () => {
    const keys = ring();
    const [one, other] = [seal("0.refresh-token é", "ana", keys), seal("0.refresh-token é", "ana", keys)];
    expect(open(one, "ana", keys)).toEqual({ ok: true, text: "0.refresh-token é", stale: false });
    expect(one).not.toBe(other);
    expect(Buffer.from(one, "base64url").toString("latin1")).not.toContain("refresh");
  });

  test("of the previous key is opened and reported as stale", () => {
    const old = key();
    const sealed = seal("text", "ana", ring(old));
    expect(open(sealed, "ana", ring(key(), old))).toEqual({ ok: true, text: "text", stale: true });
    expect(open(sealed, "ana", ring(old, key()))).toEqual({ ok: true, text: "text", stale: false });
  });

  test("of a missing key is reported as key_unknown, for the admin to fix", () => {
    expect(open(seal("text", "ana", ring()), "ana", ring())).toEqual({ ok: false, why: "key_unknown" });
    expect(open(seal("text", "ana", ring()), "ana", ring(key(), key()))).toEqual({
      ok: false,
      why: "key_unknown",
    });
  });

  test("cannot be opened for another owner", () => {
    const keys = ring();
    const sealed = seal("text", "ana", keys);
    for (const owner of ["ben", "ana ", "Ana", "an"])
      expect(open(sealed, owner, keys)).toEqual({ ok: false, why: "damaged" });
    expect(() => open(sealed, "", keys)).toThrow(RangeError);
    expect(() => seal("text", "", keys)).toThrow(RangeError);
  });

  test("with any bit changed cannot be opened", () => {
    const keys = ring();
    const sealed = Buffer.from(seal("text", "ana", keys), "base64url");
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(open(changed.toString("base64url"), "ana", keys).ok).toBe(false);
    }
  });

  test("relabelled with the previous key's id cannot be opened", () => {
    const [current, previous] = [key(), key()];
    const bytes = Buffer.from(seal("text", "ana", ring(current)), "base64url");
    bytes.set(previous.id, 1);
    expect(open(bytes.toString("base64url"), "ana", ring(current, previous)).ok).toBe(false);
  });

  for (const [name, change] of Object.entries({
    empty: () => "",
    "cut off": (text: string) => text.slice(0, -4),
    "one byte longer": (text: string) => `${text}AA`,
    "padded base64": (text: string) => `${text}==`,
    "no base64": () => "ö".repeat(80),
    "of another format": (text: string) => `_${text.slice(1)}`,
  })) {
    test(`${name} is reported as damaged`, () => {
      const keys = ring();
      expect(open(change(seal("text", "ana", keys)), "ana", keys)).toEqual({ ok: false, why: "damaged" });
    });
  }
});

describe("a key", () => {
  test("is 32 bytes in base64", () => {
    expect(newKeyText()).toHaveLength(44);
    expect(readKey(newKeyText())?.bytes).toHaveLength(32);
    expect(newKeyText()).not.toBe(newKeyText());
  });
  for (const text of [
    "",
    "x",
    "passwordpasswordpasswordpassword",
    Buffer.alloc(31, 1).toString("base64"),
    Buffer.alloc(33, 1).toString("base64"),
    ` ${newKeyText()}`,
    newKeyText().replace("=", ""),
    "é".repeat(44),
  ]) {
    test(`refuses ${JSON.stringify(text).slice(0, 20)}`, () => expect(readKey(text)).toBeNull());
  }
  test("is not revealed by its id", () => {
    const { bytes, id } = key();
    expect(inspect(Buffer.from(bytes))).not.toContain(inspect(Buffer.from(id)).slice(8, 20));
  });
});
