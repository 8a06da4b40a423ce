import { describe, expect, test } from "bun:test";
import {
  any,
  array,
  bytes,
  Decoder,
  Encoder,
  float,
  INCOMPLETE,
  int,
  map,
  ProtocolError,
  pointer,
  Registry,
  string,
  struct,
  type Type,
  tagged,
  time,
  uint,
} from "./index.ts";
import { fromHex, read } from "./testing/hex.ts";

describe("malformed input is a ProtocolError", () => {
  const cases: { name: string; hex: string; says: string; type?: Type<unknown> }[] = [
    { name: "an empty message", hex: "00", says: "empty message" },
    { name: "a length of nine bytes", hex: "f7 01", says: "message length" },
    { name: "a length beyond the limit", hex: "fb 01 00 00 00 00", says: "more than" },
    { name: "a length of 2^64 - 1", hex: "f8 ff ff ff ff ff ff ff ff", says: "beyond 2^53" },
    { name: "type id 0", hex: "02 00 00", says: "type id 0" },
    { name: "a type that was not defined", hex: "03 ff 82 00", says: "was not defined" },
    { name: "a kind that gob does not have", hex: "03 12 00 00", says: "was not defined" },
    { name: "a definition of a built-in type", hex: "04 03 02 00 00", says: "definition of type 2" },
    { name: "an empty definition", hex: "03 ff 81 00", says: "empty definition" },
    { name: "a definition of an unknown kind", hex: "05 ff 81 08 00 00", says: "unknown kind" },
    { name: "a definition of two kinds", hex: "06 ff 81 01 00 01 00", says: "two types" },
    {
      name: "bytes after a definition",
      hex: "0d ff81 02 01 02 ff82 00 01 04 00 00 00",
      says: "after a definition",
    },
    {
      name: "the same type twice",
      hex: "0c ff81 02 01 02 ff82 00 01 04 00 00 0c ff81 02 01 02 ff82 00 01 04 00 00",
      says: "defined twice",
    },
    {
      name: "a slice of an undefined type",
      hex: "0d ff81 02 01 02 ff82 00 01 ff90 00 00 04 ff82 00 00",
      says: "was not defined",
    },
    { name: "no 0 byte before a basic value", hex: "03 04 01 00", says: "other than 0" },
    { name: "a bool of 2", hex: "03 02 00 02", says: "a bool" },
    { name: "a uint of nine bytes", hex: "04 06 00 f7 01", says: "uint of 9 bytes" },
    { name: "an int cut off", hex: "04 04 00 fe 01", says: "over the end" },
    { name: "a string longer than its message", hex: "04 0c 00 7f 61", says: "over the end" },
    { name: "an int that is not there", hex: "02 04 00", says: "over the end", type: int },
    { name: "a uint that is not there", hex: "02 06 00", says: "over the end", type: uint },
    { name: "a float that is not there", hex: "02 08 00", says: "over the end", type: float },
    {
      name: "a slice without a count",
      hex: "0c ff81 02 01 02 ff82 00 01 04 00 00 03 ff82 00",
      says: "over the end",
    },
    {
      name: "an array of another length",
      hex: "0e ff81 01 01 02 ff82 00 01 04 01 04 00 00 05 ff82 00 01 02",
      says: "another length",
      type: array(2, int),
    },
    {
      name: "a definition with a negative id",
      hex: "0c ff81 02 01 02 ff82 00 01 03 00 00",
      says: "out of range",
    },
    {
      name: "a time after all days",
      hex: "0a ff81 05 01 02 ff82 00 00 00 13 ff82 00 0f 01 7fffffffffffffff 00000000 ffff",
      says: "range of Date",
      type: time,
    },
    { name: "bytes left after a value", hex: "04 04 00 02 02", says: "after a value" },
    { name: "an interface in an interface", hex: "08 10 00 01 78 10 02 00 00", says: "holds an interface" },
    { name: "a nameless interface with a rest", hex: "04 10 00 00 00", says: "after a value" },
    { name: "a string for an int", hex: "04 0c 00 01 61", says: "a string was sent for a int", type: int },
    {
      name: "a time of an unknown version",
      hex: "0a ff81 05 01 02 ff82 00 00 00 05 ff82 00 01 09",
      says: "time.Time",
      type: time,
    },
  ];
  for (const c of cases) {
    test(c.name, () => {
      expect(() => read(c.hex, c.type)).toThrow(ProtocolError);
      expect(() => read(c.hex, c.type)).toThrow(c.says);
    });
  }

  test("a field beyond the last one, wherever it is read", () => {
    const S = struct("S", () => ({ A: int }));
    const registry = new Registry().register("main.S", S);
    const inInterface = new Encoder({ registry }).encode(any, tagged("main.S", { A: 1 }));
    const plain = new Encoder().encode(S, { A: 1 });
    for (const stream of [plain, inInterface]) stream[stream.length - 3] = 2;
    const reads: ((d: Decoder) => unknown)[] = [
      (d) => d.read<unknown>(S),
      (d) => d.read(any),
      (d) => d.skip(),
    ];
    for (const read of reads) {
      const decoder = new Decoder();
      decoder.push(plain);
      expect(() => read(decoder)).toThrow("beyond the last one");
    }
    for (const read of reads.slice(1)) {
      const decoder = new Decoder({ registry });
      decoder.push(inInterface);
      expect(() => read(decoder)).toThrow("beyond the last one");
    }
  });

  test("a stream that failed stays failed", () => {
    const decoder = new Decoder();
    decoder.push(fromHex("00"));
    expect(() => decoder.read(any)).toThrow(ProtocolError);
    decoder.push(fromHex("03 04 00 0e"));
    expect(() => decoder.read(int)).toThrow(ProtocolError);
    expect(() => decoder.skip()).toThrow(ProtocolError);
  });
});

describe("a stream in pieces", () => {
  const Item = struct("Item", () => ({
    Id: string,
    Data: bytes,
    Tags: map(string, any),
    Parent: pointer(int),
  }));
  const item = {
    Id: "x".repeat(300),
    Data: new Uint8Array(5000).fill(7),
    Tags: { a: [1, { b: "c" }] },
    Parent: 3,
  };

  test("values are returned once their last byte has arrived", () => {
    const encoder = new Encoder();
    const stream = Buffer.concat([
      encoder.encode(Item, item),
      encoder.encode(Item, item),
      encoder.encode(int, 5),
    ]);
    for (const size of [1, 2, 3, 64, 4096]) {
      const decoder = new Decoder();
      const values: unknown[] = [];
      for (let at = 0; at < stream.length; at += size) {
        decoder.push(stream.subarray(at, at + size));
        for (;;) {
          const value = decoder.read<unknown>(values.length < 2 ? Item : int);
          if (value === INCOMPLETE) break;
          values.push(value);
        }
      }
      expect(values).toEqual([item, item, 5]);
    }
  });

  test("a value does not change when more bytes arrive", () => {
    const encoder = new Encoder();
    const decoder = new Decoder();
    const chunk = encoder.encode(bytes, Uint8Array.of(1, 2, 3));
    decoder.push(chunk);
    chunk.fill(9);
    const value = decoder.read(bytes);
    decoder.push(encoder.encode(bytes, Uint8Array.of(7, 7, 7)));
    expect(decoder.read(bytes)).toEqual(Uint8Array.of(7, 7, 7));
    expect(value).toEqual(Uint8Array.of(1, 2, 3));
  });
});

test("streams with different definitions do not share types", () => {
  const A = struct("T", () => ({ A: string, Z: string }));
  const stream = new Encoder().encode(A, { A: "text", Z: "" });
  // The same type id for a struct whose field has another name, as another host would send.
  const other = Uint8Array.from(stream);
  other[other.indexOf("A".charCodeAt(0))] = "B".charCodeAt(0);
  const first = new Decoder();
  first.push(stream);
  const second = new Decoder();
  second.push(other);
  expect(first.read(A)).toEqual({ A: "text", Z: "" });
  expect(second.read(A)).toEqual({ A: "", Z: "" });
});

test("invalid UTF-8 is replaced", () => {
  expect(read("05 0c 00 02 61 ff")).toBe("a\ufffd");
});
