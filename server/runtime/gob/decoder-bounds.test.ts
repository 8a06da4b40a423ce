/** How much of a stream is taken: depth, elements, types, bytes. */

import { describe, expect, test } from "bun:test";
import {
  any,
  Decoder,
  Encoder,
  int,
  limits,
  ProtocolError,
  pointer,
  slice,
  string,
  struct,
  type Type,
} from "./index.ts";
import { fromHex, read } from "./testing/hex.ts";

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
