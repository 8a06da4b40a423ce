/** A large value that goes to a spill while it arrives. */

import { expect, test } from "bun:test";
import { bytes, Decoder, Encoder, INCOMPLETE, int, limits, SPILLED, type Spill, struct } from "./index.ts";

interface Answer {
  A: Uint8Array;
  B: number;
}
const answer = struct<Answer>("Answer", () => ({ A: bytes, B: int }));
const large = Uint8Array.from({ length: 5_000 }, (_, at) => at % 251);

function spill(fromBytes = 1_000): Spill & { readonly got: Buffer } {
  const parts: Uint8Array[] = [];
  return {
    fromBytes,
    write: (part) => void parts.push(Uint8Array.from(part)),
    get got() {
      return Buffer.concat(parts);
    },
  };
}

function stream(...values: Answer[]): Uint8Array {
  const encoder = new Encoder();
  return Buffer.concat(values.map((value) => encoder.encode(answer, value)));
}

const small = { A: new Uint8Array([1, 2]), B: 3 };

for (const step of [1, 7, 1_000, 1_000_000])
  test(`in pieces of ${step}: the large value is spilled, those before and after it are read`, () => {
    const all = stream(small, { A: large, B: 4 }, small);
    const decoder = new Decoder();
    const to = spill();
    const read: unknown[] = [];
    for (let at = 0; at < all.length; at += step) {
      decoder.push(all.subarray(at, at + step));
      for (;;) {
        const one = decoder.read(answer, to);
        if (one === INCOMPLETE) break;
        read.push(one);
      }
    }
    expect(read).toEqual([small, SPILLED, small]);
    expect(decoder.isMidValue).toBe(false);
    // The type, the field number, its length in two bytes, the bytes; then the other field and the end.
    const { got } = to;
    const start = got.indexOf(Buffer.from([1, 0xfe, 5_000 >> 8, 5_000 & 0xff]));
    expect(start).toBeGreaterThan(0);
    expect(start).toBeLessThan(10);
    expect(got.subarray(start + 4, start + 5_004).equals(Buffer.from(large))).toBe(true);
    expect([...got.subarray(start + 5_004)]).toEqual([1, 8, 0]);
  });

test("a spilled value that nobody waits for is skipped, and the stream continues", () => {
  const all = stream({ A: large, B: 4 }, small);
  const decoder = new Decoder();
  const to = spill();
  const half = all.length / 2;
  decoder.push(all.subarray(0, half));
  expect(decoder.read(answer, to)).toBe(INCOMPLETE);
  expect(decoder.isMidValue).toBe(true);
  expect(decoder.skip()).toBe(false);
  decoder.push(all.subarray(half));
  expect(decoder.skip()).toBe(true);
  expect(decoder.read(answer)).toEqual(small);
});

test("without a spill, and below its size, a value is read as usual", () => {
  const decoder = new Decoder();
  decoder.push(stream({ A: large, B: 4 }, { A: large, B: 5 }));
  expect(decoder.read(answer)).toEqual({ A: large, B: 4 });
  expect(decoder.read(answer, spill(6_000))).toEqual({ A: large, B: 5 });
});

test("a spilled value may be larger than the read limit", () => {
  const decoder = new Decoder({ limits: { ...limits, maxMessageBytes: 2_000 } });
  const to = spill();
  decoder.push(stream({ A: large, B: 4 }, small));
  expect(decoder.read(answer, to)).toBe(SPILLED);
  expect(decoder.read(answer, to)).toEqual(small);
});
