/** Interface values on the wire: names, definitions in the middle, nil. */

import { describe, expect, test } from "bun:test";
import { any, Decoder, Encoder, GobError, pointer, Registry, tagged } from "./index.ts";
import { Inner, Node, sendAndRead } from "./testing/inner-and-node.ts";

describe("interface values", () => {
  test("JavaScript values come back as themselves", () => {
    const value = {
      s: "x",
      n: 1.5,
      b: true,
      nil: null,
      list: [1, "two", [3], {}],
      o: { d: {} },
      raw: Uint8Array.of(1),
    };
    expect(sendAndRead(any, value) as unknown).toEqual(value);
  });

  test("a bigint is an int64", () => {
    expect(sendAndRead<unknown>(any, 2n ** 62n)).toBe(2n ** 62n);
    expect(sendAndRead<unknown>(any, 7n)).toBe(7);
  });

  test("a registered type is tagged", () => {
    const registry = new Registry().register("*main.Inner", Inner);
    const value = { list: [tagged("*main.Inner", { X: 1, S: "" })] };
    expect(sendAndRead<unknown>(any, value, registry)).toEqual(value);
  });

  test("an unknown type is read by its own definition", () => {
    const bytes = new Encoder({ registry: new Registry().register("*main.Inner", Inner) }).encode(
      any,
      tagged("*main.Inner", { X: 1, S: "" }),
    );
    const decoder = new Decoder();
    decoder.push(bytes);
    expect(decoder.read(any)).toEqual(tagged("*main.Inner", { X: 1 }));
  });

  test("an object that only looks tagged stays an object", () => {
    const registry = new Registry().register("*main.Inner", Inner);
    const value = { $type: "*main.Inner", value: { X: 1 } };
    const read = sendAndRead<unknown>(any, value, registry) as object;
    expect(Object.getPrototypeOf(read)).toBeNull();
    expect(read).toEqual(value);
  });

  test("a name means one type", () => {
    const registry = new Registry().register("x.T", Inner).register("x.T", pointer(Inner));
    expect(() => registry.register("x.T", Node)).toThrow(GobError);
  });

  test("keys of maps cannot reach a prototype", () => {
    const read = sendAndRead<unknown>(any, JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'));
    expect(Object.getPrototypeOf(read)).toBeNull();
    expect(Object.keys(read as object).sort()).toEqual(["__proto__", "constructor"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
