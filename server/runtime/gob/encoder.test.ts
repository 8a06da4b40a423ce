import { describe, expect, test } from "bun:test";
import {
  any,
  array,
  bool,
  bytes,
  Decoder,
  Encoder,
  float,
  float32,
  GobError,
  int,
  int8,
  int32,
  limits,
  map,
  pointer,
  sendingZeros,
  slice,
  string,
  struct,
  type Type,
  tagged,
  time,
  uint,
  uint16,
} from "./index.ts";
import { Inner, Node, sendAndRead } from "./testing/inner-and-node.ts";

const hex = (b: Uint8Array): string => Buffer.from(b).toString("hex");

describe("sends zero", () => {
  const Pointers = struct<{ B: boolean | null; N: number | null; S: string | null }>("Pointers", () => ({
    B: pointer(bool),
    N: pointer(int),
    S: pointer(string),
  }));

  test("behind a pointer, because for the receiver it is not nil", () => {
    expect(sendAndRead(Pointers, { B: false, N: 0, S: "" })).toEqual({ B: false, N: 0, S: "" });
    expect(sendAndRead(Pointers, { B: null, N: null, S: null })).toEqual({ B: null, N: null, S: null });
  });

  test("in the given fields of a struct that sends zeros", () => {
    const Plain = struct<{ B: boolean; N: number; S: string }>("Plain", () => ({
      B: bool,
      N: int,
      S: string,
    }));
    const given = { S: "", B: false } as { B: boolean; N: number; S: string };
    const decoder = new Decoder();
    decoder.push(new Encoder().encode(sendingZeros(Plain), given));
    expect(decoder.read(Pointers)).toEqual({ B: false, N: null, S: "" });
  });
});

describe("bytes on the wire are those of Go", () => {
  const cases: { name: string; type: Type<unknown>; value: unknown; hex: string }[] = [
    { name: "bool", type: bool, value: false, hex: "03020000" },
    { name: "int -129", type: int, value: -129, hex: "050400fe0101" },
    { name: "int 2^40", type: int, value: 2 ** 40, hex: "090400fa020000000000" },
    { name: "int64 max", type: int, value: 2n ** 63n - 1n, hex: "0b0400f8fffffffffffffffe" },
    { name: "int64 min", type: int, value: -(2n ** 63n), hex: "0b0400f8ffffffffffffffff" },
    { name: "uint 127", type: uint, value: 127, hex: "0306007f" },
    { name: "uint 128", type: uint, value: 128, hex: "040600ff80" },
    { name: "uint64 max", type: uint, value: 2n ** 64n - 1n, hex: "0b0600f8ffffffffffffffff" },
    { name: "float 17", type: float, value: 17, hex: "050800fe3140" },
    { name: "float -0.1", type: float, value: -0.1, hex: "0b0800f89a9999999999b9bf" },
    { name: "float Inf", type: float, value: Number.POSITIVE_INFINITY, hex: "050800fef07f" },
    { name: "string", type: string, value: "héllo 😀", hex: "0e0c000b68c3a96c6c6f20f09f9880" },
    { name: "lone surrogate", type: string, value: "\ud800", hex: "060c0003efbfbd" },
    { name: "bytes", type: bytes, value: Uint8Array.of(0, 1, 255), hex: "060a00030001ff" },
  ];
  for (const c of cases) {
    test(c.name, () => expect(hex(new Encoder().encode(c.type, c.value))).toBe(c.hex));
  }

  test("a definition, once per stream, then the value", () => {
    const encoder = new Encoder();
    const first = hex(encoder.encode(Inner, { X: -3, S: "q" }));
    // The id depends on how many types this process has sent before: a byte count, then the bytes.
    const at = first.indexOf("496e6e657201") + 12;
    const more = 0xff - Number.parseInt(first.slice(at, at + 2), 16);
    const id = first.slice(at, at + 4 + 2 * more);
    const negative =
      id.slice(0, 2) + (Number.parseInt(id.slice(2), 16) - 1).toString(16).padStart(2 + 2 * more, "0");
    const length = (bytes: number): string => (bytes + more).toString(16).padStart(2, "0");
    expect(first).toBe(
      `${length(0x1f + more)}${negative}03010105496e6e657201${id}000102010158010400010153010c000000${length(8)}${id}010501017100`,
    );
    expect(hex(encoder.encode(Inner, { X: 0, S: "" }))).toBe(`${length(3)}${id}00`);
  });
});

describe("a value that does not fit is refused", () => {
  const Ports = struct("Ports", () => ({ Low: uint16 }));
  const cases: { name: string; type: Type<never> | Type<unknown>; value: unknown; says: string }[] = [
    { name: "a string for an int", type: Inner, value: { X: "1" }, says: "Inner.X: wanted an integer" },
    { name: "a number for a string", type: Inner, value: { S: 1 }, says: "Inner.S: wanted a string" },
    { name: "a fraction", type: int, value: 1.5, says: "got a fraction" },
    { name: "NaN for an int", type: int, value: Number.NaN, says: "got NaN" },
    { name: "an unsafe integer", type: int, value: 2 ** 60, says: "out of range" },
    { name: "int64 max + 1", type: int, value: 2n ** 63n, says: "out of range" },
    { name: "int8 128", type: int8, value: 128, says: "from -128 to 127" },
    { name: "int32 -2^31 - 1", type: int32, value: -(2 ** 31) - 1, says: "out of range" },
    { name: "a negative uint", type: uint, value: -1, says: "out of range" },
    { name: "uint16 65536", type: Ports, value: { Low: 65536 }, says: "Ports.Low" },
    { name: "a double for a float32", type: float32, value: 1e300, says: "wanted a number up to" },
    { name: "a number for a bool", type: bool, value: 1, says: "wanted a boolean" },
    { name: "a string for bytes", type: bytes, value: "x", says: "wanted a Uint8Array" },
    { name: "an object for a slice", type: slice(int), value: { length: 1 }, says: "wanted an array" },
    { name: "a wrong element", type: slice(string), value: ["a", 2], says: "slice[]: wanted a string" },
    {
      name: "null in a list of pointers",
      type: slice(pointer(Inner)),
      value: [null],
      says: "nil has no place",
    },
    { name: "an array of another length", type: array(2, int), value: [1], says: "2 elements" },
    { name: "an array for a map", type: map(string, int), value: [], says: "wanted an object" },
    { name: "an object for a map of ints", type: map(int, int), value: { 1: 1 }, says: "wanted a Map" },
    { name: "a string for a struct", type: Inner, value: "x", says: "Inner: wanted an object" },
    { name: "null for a struct", type: Inner, value: null, says: "Inner: wanted an object" },
    { name: "a function in an interface", type: any, value: () => 1, says: "got function" },
    {
      name: "an instance of a class in an interface",
      type: any,
      value: new URL("http://x"),
      says: "got URL",
    },
    {
      name: "an unregistered name",
      type: any,
      value: tagged("*model.X", {}),
      says: "*model.X is not registered",
    },
  ];
  for (const c of cases) {
    test(c.name, () => {
      expect(() => new Encoder().encode(c.type as Type<unknown>, c.value)).toThrow(GobError);
      expect(() => new Encoder().encode(c.type as Type<unknown>, c.value)).toThrow(c.says);
    });
  }

  test("nothing is remembered as sent", () => {
    const encoder = new Encoder();
    const body = struct("Body", () => ({ A: any }));
    expect(() => encoder.encodePair(Inner, { X: 1, S: "" }, body, { A: [Symbol("x")] })).toThrow(GobError);
    const decoder = new Decoder();
    decoder.push(encoder.encodePair(Inner, { X: 1, S: "" }, body, { A: [1] }));
    expect(decoder.read(Inner)).toEqual({ X: 1, S: "" });
    expect(decoder.read(body)).toEqual({ A: [1] });
  });

  test("the message names the place, never the value", () => {
    const secret = "hunter2-hunter2";
    for (const value of [{ X: secret }, { X: { [secret]: secret } }, { X: [secret] }]) {
      expect(() => new Encoder().encode(Inner as Type<unknown>, value)).not.toThrow(secret);
    }
  });

  test("a list that holds itself", () => {
    const list: unknown[] = [];
    list.push(list);
    const encoder = new Encoder({ limits: { ...limits, maxDepth: 100 } });
    expect(() => encoder.encode(any, list)).toThrow("nested too deep");
  });

  test("a value beyond the limit", () => {
    const encoder = new Encoder({ limits: { ...limits, maxMessageBytes: 100 } });
    expect(() => encoder.encode(bytes, new Uint8Array(101))).toThrow("too large");
    expect(encoder.encode(bytes, new Uint8Array(90)).length).toBe(94);
  });
});

describe("structs", () => {
  test("absent fields come back as zero values", () => {
    const All = struct("All", () => ({
      Bool: bool,
      Int: int,
      Float: float,
      String: string,
      Bytes: bytes,
      Slice: slice(int),
      Map: map(string, int),
      Ids: map(int, string),
      Pointer: pointer(Inner),
      Interface: any,
      Struct: Inner,
      Array: array(2, int),
      Time: time,
    }));
    expect(sendAndRead(All as Type<unknown>, {})).toEqual({
      Bool: false,
      Int: 0,
      Float: 0,
      String: "",
      Bytes: new Uint8Array(),
      Slice: [],
      Map: {},
      Ids: new Map(),
      Pointer: null,
      Interface: null,
      Struct: { X: 0, S: "" },
      Array: [0, 0],
      Time: new Date("0001-01-01T00:00:00Z"),
    });
  });

  test("types may hold themselves", () => {
    const chain = { Name: "a", Next: { Name: "b", Next: null } };
    expect(sendAndRead(Node, chain)).toEqual(chain);
  });

  test("fields are matched by name: fewer, other order", () => {
    const decoder = new Decoder();
    decoder.push(new Encoder().encode(Inner, { X: 5, S: "five" }));
    const other = struct("Other", () => ({ S: string, New: pointer(Inner) }));
    expect(decoder.read(other)).toEqual({ S: "five", New: null });
  });

  test("two reads do not share one object as their zero value", () => {
    const Lists = struct("Lists", () => ({ L: slice(int), M: map(string, int), Inner }));
    const a = sendAndRead(Lists as Type<unknown>, {}) as {
      L: number[];
      M: Record<string, number>;
      Inner: Inner;
    };
    const b = sendAndRead(Lists as Type<unknown>, {}) as typeof a;
    a.L.push(1);
    a.M.x = 1;
    a.Inner.X = 1;
    expect(b).toEqual({ L: [], M: {}, Inner: { X: 0, S: "" } });
  });

  test("a field name that is not an exported Go name is refused", () => {
    for (const name of ["__proto__", "lower", "A-B", "A;B", ""]) {
      const type = struct("S", () => ({ [name]: int }) as Record<string, Type<number>>);
      if (name === "__proto__") continue;
      expect(() => new Encoder().encode(type as Type<unknown>, {})).toThrow(GobError);
    }
  });
});
