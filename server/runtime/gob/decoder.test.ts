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
  limits,
  map,
  ProtocolError,
  pointer,
  Registry,
  slice,
  string,
  struct,
  type Type,
  tagged,
  time,
  uint,
} from "./index.ts";
import { fuzz } from "./testing/fuzz.ts";

const fromHex = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(" ", ""), "hex");

function read(hex: string, type: Type<unknown> = any): unknown {
  const decoder = new Decoder();
  decoder.push(fromHex(hex));
  return decoder.read(type);
}

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

describe("limits", () => {
  const list = new Encoder().encode(any, [1, [2, [3, [4]]]]);
  const cases: {
    name: string;
    limit: Partial<typeof limits>;
    enough: Partial<typeof limits>;
    says: string;
  }[] = [
    {
      name: "bytes",
      limit: { maxMessageBytes: 60 },
      enough: { maxMessageBytes: 200 },
      says: "more than 60 bytes",
    },
    { name: "depth", limit: { maxDepth: 3 }, enough: { maxDepth: 4 }, says: "nested too deep" },
    { name: "elements", limit: { maxElements: 6 }, enough: { maxElements: 7 }, says: "too many elements" },
    { name: "types", limit: { maxTypes: 0 }, enough: { maxTypes: 1 }, says: "too many types" },
    { name: "names", limit: { maxNameBytes: 8 }, enough: { maxNameBytes: 14 }, says: "name is too long" },
  ];
  for (const c of cases) {
    test(c.name, () => {
      const strict = new Decoder({ limits: { ...limits, ...c.limit } });
      strict.push(list);
      expect(() => strict.read(any)).toThrow(c.says);
      const enough = new Decoder({ limits: { ...limits, ...c.enough } });
      enough.push(list);
      expect(enough.read(any)).toEqual([1, [2, [3, [4]]]]);
    });
  }

  test("limits the number of fields of a struct", () => {
    // Two types, because a definition that another stream has sent is known and not read again.
    const decode = (name: string, maxFields: number): unknown => {
      const decoder = new Decoder({ limits: { ...limits, maxFields } });
      decoder.push(
        new Encoder().encode(
          struct(name, () => ({ A: int, B: int })),
          { A: 1, B: 2 },
        ),
      );
      return decoder.read(any);
    };
    expect(decode("EnoughFields", 2)).toEqual({ A: 1, B: 2 });
    expect(() => decode("TooManyFields", 1)).toThrow("too many fields");
  });

  test("an omitted struct uses the limit by its fields", () => {
    const wide = struct("Wide", () =>
      Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`F${i}`, int])),
    );
    const stream = new Encoder().encode(
      slice(wide) as Type<unknown>,
      Array.from({ length: 50 }, () => ({})),
    );
    const decoder = new Decoder({ limits: { ...limits, maxElements: 4_999 } });
    decoder.push(stream);
    expect(() => decoder.read(slice(wide))).toThrow("too many elements");
  });

  test("a value that is nested too deep is skipped and read as null", () => {
    const decoder = new Decoder();
    for (const depth of [10, 10_000, 500_000]) {
      decoder.push(nestedLists(depth, depth === 10));
      decoder.push(new Encoder().encode(string, "next"));
      let levels = 0;
      for (let value = decoder.read<unknown>(any); Array.isArray(value); value = value[0]) levels++;
      expect(levels).toBe(Math.min(depth, limits.maxInterfaces) + 1);
      expect(decoder.read(string)).toBe("next");
    }
    decoder.push(nestedLists(500_000, false));
    expect(decoder.skip()).toBe(true);
  });

  test("too deeply nested structs are an error when wanted and no problem when skipped", () => {
    interface Chain {
      Next: Chain | null;
    }
    const Chain: Type<Chain> = struct("Chain", () => ({ Next: pointer(Chain) }));
    const chain = (depth: number): Uint8Array => {
      const long = { limits: { ...limits, maxDepth: 10_000 } };
      let value: Chain | null = null;
      for (let i = 0; i < depth; i++) value = { Next: value };
      return new Encoder(long).encode(Chain, value as unknown as Chain);
    };
    for (const type of [Chain, any]) {
      const decoder = new Decoder();
      decoder.push(chain(limits.maxDepth));
      expect(decoder.read<unknown>(type)).toBeObject();
      const tooDeep = new Decoder();
      tooDeep.push(chain(limits.maxDepth + 1));
      expect(() => tooDeep.read<unknown>(type)).toThrow("nested too deep");
    }
    const skipping = new Decoder();
    skipping.push(chain(9_000));
    expect(skipping.read<object>(struct("Other", () => ({})))).toEqual({});
  });

  test("a count without elements allocates nothing", () => {
    // []int that announces eight million elements in eight bytes.
    expect(() => read("0c ff81 02 01 02 ff82 00 01 04 00 00 07 ff82 00 fd 7a12 00", slice(int))).toThrow(
      ProtocolError,
    );
  });
});

/** Values of type []interface {}, nested as Go nests them: byte counts are not used. */
function nestedLists(depth: number, define: boolean): Uint8Array {
  const name = Buffer.from("[]interface {}");
  const level = Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([0xff, 0x82, 0, 0])]);
  const value = Buffer.concat([
    Buffer.from([0xff, 0x82, 0]),
    ...Array.from({ length: depth }, () => level),
    Buffer.from([0]),
  ]);
  const length = Buffer.alloc(5);
  length[0] = 0xfc;
  length.writeUInt32BE(value.length, 1);
  const definition = fromHex(define ? "0c ff81 02 01 02 ff82 00 01 10 00 00" : "");
  return Buffer.concat([definition, length, value]);
}

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

test("8,000 mutated streams end in a value or a ProtocolError", () => {
  const before = process.memoryUsage().rss;
  const report = fuzz({ count: 8_000, seed: 1 });
  // Both outcomes must occur, otherwise the mutations miss the point.
  expect(report.rejected).toBeGreaterThan(500);
  expect(report.accepted).toBeGreaterThan(500);
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
}, 60_000);
