import { describe, expect, test } from "bun:test";
import { any, Decoder, Encoder, INCOMPLETE, string, struct, Tagged, type Type, uint } from "./index.ts";
import { goldenRegistry as registry, typesIn, vectors } from "./testing/golden.ts";

/**
 * Streams that Go's encoding/gob wrote, with the values that went in: testdata/gob.json. The file has names of Go
 * types and values in JSON; values that JSON lacks are written as {$int}, {$float}, {$bytes}, {$time}, {$url},
 * {$type, value}.
 */
describe("streams written by Go", () => {
  for (const vector of vectors) {
    const { values, stream } = vector;
    const types = typesIn(stream, values.length);

    for (const size of [stream.length, 7, 1]) {
      const name = size === stream.length ? "whole" : `in pieces of ${size}`;
      test(`${vector.name}, ${name}`, () => {
        expect(decodeAll(stream, types, size)).toEqual(values.map(expected));
      });
    }

    test(`${vector.name}, sent back`, () => {
      const decoded = decodeAll(stream, types, stream.length, false);
      const encoder = new Encoder({ registry });
      const again = Buffer.concat(
        decoded.map((value, i) => encoder.encode(types[i] as Type<unknown>, value)),
      );
      expect(decodeAll(again, types, 7)).toEqual(values.map(expected));
    });

    test(`${vector.name}, read over`, () => {
      const decoder = new Decoder();
      decoder.push(stream);
      for (const _ of values) expect(decoder.skip()).toBe(true);
      expect(decoder.skip()).toBe(false);
    });
  }
});

test("a stream cut at any byte is incomplete, never wrong", () => {
  for (const { name, stream, values } of vectors) {
    const types = typesIn(stream, values.length);
    // Cuts short streams at every byte, long ones at some hundred places.
    for (let at = 0; at < stream.length; at += Math.ceil(stream.length / 500)) {
      const read = decodeAll(stream.subarray(0, at), types, at);
      expect(`${name}: ${read.length < values.length}`).toBe(`${name}: true`);
    }
  }
});

test("skipping a value leaves the ones after it intact", () => {
  const sequence = vectors.find((v) => v.name === "rpc request Plugin.KVGet x2");
  const decoder = new Decoder();
  decoder.push(sequence?.stream ?? new Uint8Array());
  expect(decoder.skip()).toBe(true);
  expect(decoder.skip()).toBe(true);
  expect(decoder.read(struct<{ Seq: number }>("Request", () => ({ Seq: uint })))).toEqual({ Seq: 1 });
  expect(decoder.read(struct<{ A: string }>("Args", () => ({ A: string })))).toEqual({ A: "k2" });
});

function decodeAll(
  stream: Uint8Array,
  types: readonly Type<unknown>[],
  size: number,
  comparable = true,
): unknown[] {
  const decoder = new Decoder({ registry });
  const values: unknown[] = [];
  for (let at = 0; at < stream.length; at += size) {
    decoder.push(stream.subarray(at, at + size));
    for (;;) {
      const value = decoder.read(types[values.length] ?? any);
      if (value === INCOMPLETE) break;
      values.push(comparable ? bare(value) : value);
    }
  }
  return values;
}

/** The value that Go had, in the form that `bare` returns. */
function expected(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(expected);
  if (typeof value !== "object" || value === null) return value;
  const v = value as Record<string, unknown>;
  if ("$int" in v) return BigInt(v.$int as string);
  if ("$float" in v) return Number((v.$float as string).replace("Inf", "Infinity"));
  if ("$bytes" in v) return Buffer.from(v.$bytes as string, "hex").toString("hex");
  if ("$url" in v) return v.$url;
  if ("$time" in v) return v.$time === null ? null : new Date(v.$time as string).toISOString();
  if ("$type" in v) {
    const name = v.$type as string;
    const inner = expected(v.value);
    // The host registers attachments under their old name.
    if (name.includes("MessageAttachment")) return { $type: "[]*model.SlackAttachment", value: inner };
    return name.includes(".") ? { $type: name, value: inner } : inner;
  }
  return withoutZeros(v, expected);
}

/** A decoded value without the parts that gob does not send. */
function bare(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (value instanceof Date) return value.getUTCFullYear() === 1 ? null : value.toISOString();
  if (value instanceof Tagged) return { $type: value.$type, value: bare(value.value) };
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(bare);
  if (typeof value === "object" && value !== null)
    return withoutZeros(value as Record<string, unknown>, bare);
  return value;
}

function withoutZeros(object: Record<string, unknown>, each: (value: unknown) => unknown): unknown {
  const entries = Object.entries(object).map(([key, value]) => [key, each(value)] as const);
  const kept = entries.filter(([, v]) => !isZero(v));
  return kept.length === 0 ? null : Object.fromEntries(kept);
}

function isZero(v: unknown): boolean {
  return v === null || v === 0 || v === "" || v === false || (Array.isArray(v) && v.every(isZero));
}
