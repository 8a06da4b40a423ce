import { describe, expect, test } from "bun:test";
import {
  any,
  Decoder,
  Encoder,
  INCOMPLETE,
  int,
  limits,
  map,
  NOT_SENT,
  ProtocolError,
  slice,
  string,
  struct,
  type Type,
  UnreadableValue,
} from "./index.ts";

interface Call {
  Method: string;
  Seq: number;
}
const Call: Type<Call> = struct<Call>("Call", () => ({ Method: string, Seq: int }));
const Text: Type<{ A: { Name: string; Tags: string[] } }> = struct<{ A: { Name: string; Tags: string[] } }>(
  "Args",
  () => ({
    A: struct<{ Name: string; Tags: string[] }>("Inner", () => ({ Name: string, Tags: slice(string) })),
  }),
);
/** The same names with other kinds. */
const Numbers: Type<{ A: { Name: number; Tags: string[] } }> = struct<{
  A: { Name: number; Tags: string[] };
}>("Args", () => ({
  A: struct<{ Name: number; Tags: string[] }>("Inner", () => ({ Name: int, Tags: slice(string) })),
}));

function failureOf(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

function pushed(...parts: Uint8Array[]): Decoder {
  const decoder = new Decoder();
  for (const part of parts) decoder.push(part);
  return decoder;
}

describe("a struct without any known field", () => {
  const None: Type<{ C: number }> = struct<{ C: number }>("None", () => ({ C: int }));

  test("is an error, as in Go", () => {
    const encoder = new Encoder();
    const decoder = pushed(
      encoder.encode(Call, { Method: "a", Seq: 1 }),
      encoder.encode(Call, { Method: "b", Seq: 2 }),
    );
    const error = failureOf(() => decoder.read(None));
    expect(error).toBeInstanceOf(UnreadableValue);
    expect(error.message).toBe("gob: no field of None was sent");
    expect(decoder.read(Call)).toEqual({ Method: "b", Seq: 2 });
  });

  test("is accepted when one field is known, even if it is zero, or when either struct has no fields", () => {
    const Empty: Type<object> = struct<object>("Empty", () => ({}));
    const One: Type<{ Seq: number; More: string }> = struct<{ Seq: number; More: string }>("One", () => ({
      Seq: int,
      More: string,
    }));
    expect(pushed(new Encoder().encode(Call, { Method: "a", Seq: 0 })).read(One)).toEqual({
      Seq: 0,
      More: "",
    });
    expect(pushed(new Encoder().encode(Call, { Method: "a", Seq: 0 })).read(Empty)).toEqual({});
    expect(pushed(new Encoder().encode(Empty, {})).read(One)).toEqual({ Seq: 0, More: "" });
  });
});

describe("a value that does not fit", () => {
  test("fails with the field's name and without the value, and the next value is read", () => {
    const encoder = new Encoder();
    const bad = encoder.encode(Text, { A: { Name: "secret", Tags: ["t"] } });
    const next = encoder.encode(Call, { Method: "next", Seq: 7 });
    for (const cut of [1, 7, 10_000]) {
      const decoder = new Decoder();
      const all = Buffer.concat([bad, next]);
      let error: Error | undefined;
      let value: unknown = INCOMPLETE;
      for (let at = 0; at < all.length; at += cut) {
        decoder.push(all.subarray(at, at + cut));
        if (!error) {
          try {
            decoder.read(Numbers);
          } catch (thrown) {
            error = thrown as Error;
          }
        }
        if (error) value = decoder.read(Call);
      }
      expect(error).toBeInstanceOf(UnreadableValue);
      expect(error?.message).toBe("A.Name: gob: a string was sent for a int");
      expect(value).toEqual({ Method: "next", Seq: 7 });
      expect(decoder.isMidValue).toBe(false);
    }
  });

  test("may span several messages, with interface values whose types come late", () => {
    interface Wide {
      Name: string;
      Props: Record<string, unknown>;
    }
    const Wide: Type<Wide> = struct<Wide>("Wide", () => ({ Name: string, Props: map(string, any) }));
    const Narrow: Type<{ Name: number }> = struct<{ Name: number }>("Wide", () => ({ Name: int }));
    const encoder = new Encoder();
    const decoder = pushed(
      encoder.encode(Wide, { Name: "n", Props: { list: [1, { deep: [true] }], text: "t" } }),
      encoder.encode(Call, { Method: "next", Seq: 1 }),
    );
    expect(() => decoder.read(Narrow)).toThrow("Name: gob: a string was sent for a int");
    expect(decoder.read(Call)).toEqual({ Method: "next", Seq: 1 });
  });

  test("ends the stream when it is a header, or malformed", () => {
    const decoder = pushed(new Encoder().encode(Text, { A: { Name: "x", Tags: [] } }));
    const error = failureOf(() => decoder.readHeader(Call));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).not.toBeInstanceOf(UnreadableValue);
    expect(() => decoder.read(Call)).toThrow(error.message);
    const broken = new Encoder().encode(Text, { A: { Name: "xx", Tags: ["yy"] } });
    broken[broken.length - 1] = 0x7f; // instead of the end of the struct
    const second = pushed(broken);
    expect(failureOf(() => second.read(Text))).not.toBeInstanceOf(UnreadableValue);
    expect(() => second.read(Text)).toThrow();
  });
});

describe("a value larger than the limit", () => {
  const small = { limits: { ...limits, maxMessageBytes: 1000 } };

  test("is dropped as it arrives, and the next value is read", () => {
    const encoder = new Encoder();
    const large = encoder.encode(Text, { A: { Name: "x".repeat(100_000), Tags: [] } });
    const next = encoder.encode(Call, { Method: "next", Seq: 3 });
    const all = Buffer.concat([large, next]);
    for (const cut of [1_000, 4_096, all.length]) {
      const decoder = new Decoder(small);
      let error: Error | null = null;
      let value: unknown = INCOMPLETE;
      for (let at = 0; at < all.length; at += cut) {
        decoder.push(all.subarray(at, at + cut));
        try {
          const read: unknown = error ? decoder.read(Call) : decoder.read(Text);
          if (error) value = read;
        } catch (thrown) {
          expect(error).toBeNull();
          error = thrown as Error;
          value = decoder.read(Call);
        }
      }
      expect(error).toBeInstanceOf(UnreadableValue);
      expect(error?.message).toContain("more than 1000 bytes");
      expect(value).toEqual({ Method: "next", Seq: 3 });
    }
  });

  test("ends the stream at once in place of a header, or beyond Go's own limit", () => {
    for (const [length, read] of [
      ["fc 0020 0000", (d: Decoder) => d.readHeader(Call)],
      ["fb 01 0000 0000", (d: Decoder) => d.read(Call)],
    ] as const) {
      const decoder = pushed(Buffer.from(length.replaceAll(" ", ""), "hex"));
      const error = failureOf(() => read(decoder));
      expect(error).toBeInstanceOf(ProtocolError);
      expect(error).not.toBeInstanceOf(UnreadableValue);
    }
  });
});

describe("arguments that a Go client could not encode", () => {
  test("are replaced by the next header", () => {
    const encoder = new Encoder();
    const first = encoder.encode(Call, { Method: "lost", Seq: 1 });
    const second = encoder.encode(Call, { Method: "next", Seq: 2 });
    const args = encoder.encode(Text, { A: { Name: "n", Tags: [] } });
    const decoder = pushed(first, second, args);
    expect(decoder.readHeader(Call)).toEqual({ Method: "lost", Seq: 1 });
    expect(decoder.readAfterHeader(Text)).toBe(NOT_SENT);
    expect(decoder.readHeader(Call)).toEqual({ Method: "next", Seq: 2 });
    expect(decoder.readAfterHeader(Text)).toEqual({ A: { Name: "n", Tags: [] } });
  });

  test("are also detected in the middle of a value whose types come late", () => {
    // Made by Go: header, the beginning of args whose Props hold a known type and then an unregistered one, header,
    // args.
    const decoder = pushed(Buffer.from(goAbandoned, "hex"));
    interface Args {
      A: string;
      Props: Record<string, unknown>;
    }
    const Args: Type<Args> = struct<Args>("Args", () => ({ A: string, Props: map(string, any) }));
    expect(decoder.readHeader(Call)).toEqual({ Method: "lost", Seq: 1 });
    expect(decoder.readAfterHeader(Args)).toBe(NOT_SENT);
    expect(decoder.readHeader(Call)).toEqual({ Method: "next", Seq: 2 });
    expect(decoder.readAfterHeader(Args)).toEqual({ A: "whole", Props: { b: ["x"] } });
    expect(decoder.isMidValue).toBe(false);
  });

  test("are an error when the reader does not expect a header", () => {
    const encoder = new Encoder();
    const decoder = pushed(
      encoder.encode(Call, { Method: "a", Seq: 1 }),
      encoder.encode(Call, { Method: "b", Seq: 2 }),
    );
    decoder.readHeader(Call);
    expect(() => decoder.read(Text)).toThrow("a header in the place of a value");
  });
});

/** Written by encoding/gob, whose second Encode failed: "type not registered for interface". */
const goAbandoned =
  "247f0301010443616c6c01ff8000010201064d6574686f64010c00010353657101040000000bff8001046c6f73740102" +
  "0023ff81030101044172677301ff82000102010141010c00010550726f707301ff8400000027ff83040101176d61705b" +
  "737472696e675d696e74657266616365207b7d01ff8400010c0110000027ff82010468616c66010201610e5b5d696e74" +
  "657266616365207b7dff85020102ff8600011000000bff8001046e6578740104002eff82010577686f6c65010101620e" +
  "5b5d696e74657266616365207b7dff860e000106737472696e670c0300017800";
