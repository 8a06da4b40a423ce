import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  any,
  array,
  bool,
  bytes,
  Decoder,
  Encoder,
  float,
  INCOMPLETE,
  int,
  int32,
  map,
  pointer,
  slice,
  string,
  struct,
  type Type,
  uint,
} from "./index.ts";

/** A Go type with sample values. */
interface Sample {
  readonly type: Type<unknown>;
  readonly value: fc.Arbitrary<unknown>;
}

const text = fc.string({ unit: "grapheme" });
const basic: fc.Arbitrary<Sample> = fc.constantFrom<Sample>(
  { type: bool, value: fc.boolean() },
  { type: int, value: fc.maxSafeInteger() },
  { type: int, value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(asRead) },
  { type: int32, value: fc.integer() },
  { type: uint, value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(asRead) },
  { type: float, value: fc.double() },
  { type: string, value: text },
  { type: bytes, value: fc.uint8Array().map((b) => new Uint8Array(b)) },
  { type: any, value: fc.letrec<{ json: unknown }>((tie) => ({ json: json(tie("json")) })).json },
);

const sample: fc.Arbitrary<Sample> = fc.letrec<{ any: Sample }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    basic,
    list(tie("any")),
    fixed(tie("any")),
    keyed(tie("any")),
    record(tie("any")),
  ),
})).any;

function list(elem: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return elem.map((e) => ({ type: slice(e.type), value: fc.array(e.value, { maxLength: 5 }) }));
}

function fixed(elem: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return elem.map((e) => ({
    type: array(2, e.type),
    value: fc.array(e.value, { minLength: 2, maxLength: 2 }),
  }));
}

function keyed(elem: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return fc.tuple(elem, fc.boolean()).map(([e, byText]) =>
    byText
      ? {
          type: map(string, e.type),
          value: fc.dictionary(text, e.value, { maxKeys: 4, noNullPrototype: false }),
        }
      : {
          type: map(int, e.type),
          value: fc
            .array(fc.tuple(fc.integer(), e.value), { maxLength: 4 })
            .map((entries) => new Map(entries)),
        },
  );
}

function record(elem: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return fc.array(fc.tuple(elem, fc.boolean()), { maxLength: 6 }).map((parts) => {
    const names = parts.map((_, i) => `Field${i}`);
    const types = parts.map(([part, optional]) => (optional ? pointer(part.type) : part.type));
    const values = parts.map(([part]) => part.value);
    return {
      type: struct("Record", () =>
        Object.fromEntries(names.map((name, i) => [name, types[i] as Type<unknown>])),
      ),
      value: fc.tuple(...values).map((list) => Object.fromEntries(names.map((name, i) => [name, list[i]]))),
    };
  });
}

function json(inner: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { maxDepth: 4, depthIdentifier: "json" },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    text,
    fc.array(inner, { maxLength: 4 }),
    fc.dictionary(text, inner, { maxKeys: 4 }),
  );
}

function asRead(i: bigint): number | bigint {
  return i >= Number.MIN_SAFE_INTEGER && i <= Number.MAX_SAFE_INTEGER ? Number(i) : i;
}

/** gob does not send zero values: a nil pointer, a pointer to zero and -0 all come back as the zero value. */
function sameOnTheWire(type: Type<unknown>, value: unknown): string {
  const encoder = new Encoder();
  encoder.encode(type, value);
  return Buffer.from(encoder.encode(type, value)).toString("hex");
}

test("reads back the values that were sent, for types and values of every kind, cut anywhere", () => {
  const samples = sample.chain((s) => fc.record({ type: fc.constant(s.type), value: s.value }));
  fc.assert(
    fc.property(samples, samples, fc.integer({ min: 1, max: 50 }), (a, b, size) => {
      const encoder = new Encoder();
      const stream = Buffer.concat([
        encoder.encode(a.type, a.value),
        encoder.encode(a.type, a.value),
        encoder.encode(b.type, b.value),
      ]);
      const wanted = [a, a, b];
      const decoder = new Decoder();
      let read = 0;
      for (let at = 0; at < stream.length; at += size) {
        decoder.push(stream.subarray(at, at + size));
        for (let sent = wanted[read]; sent !== undefined; sent = wanted[read]) {
          const value = decoder.read(sent.type);
          if (value === INCOMPLETE) break;
          expect(sameOnTheWire(sent.type, value)).toBe(sameOnTheWire(sent.type, sent.value));
          read++;
        }
      }
      expect(read).toBe(3);
    }),
    { numRuns: 400 },
  );
});

test("every basic value comes back unchanged", () => {
  fc.assert(
    fc.property(
      basic.chain((s) => fc.record({ type: fc.constant(s.type), value: s.value })),
      ({ type, value }) => {
        const decoder = new Decoder();
        decoder.push(new Encoder().encode(type, value));
        expect(decoder.read(type)).toEqual(value);
      },
    ),
    { numRuns: 1000 },
  );
});

test("any UTF-16 string comes back well-formed, with or without lone surrogates", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.nat({ max: 0xffff }).map((c) => String.fromCharCode(c)) }), (s) => {
      const decoder = new Decoder();
      decoder.push(new Encoder().encode(string, s));
      expect(decoder.read(string)).toBe(s.toWellFormed());
    }),
    { numRuns: 500 },
  );
});
