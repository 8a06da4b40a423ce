/** Every kind of PNG is read as the specification says. */

import { describe, expect, test } from "bun:test";
import { readPng } from "./png.ts";
import { picture } from "./testing/drawing.ts";

// Pixels of Adam7: start and step of each pass (specification, section 8.2).
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

describe("every kind of PNG is read as the specification says", () => {
  const [width, height] = [13, 11];
  const kinds: [colourType: number, channels: number, depths: number[]][] = [
    [0, 1, [1, 2, 4, 8, 16]],
    [2, 3, [8, 16]],
    [3, 1, [1, 2, 4, 8]],
    [4, 2, [8, 16]],
    [6, 4, [8, 16]],
  ];
  for (const [colourType, channels, depths] of kinds) {
    for (const depth of depths) {
      for (const interlace of [0, 1]) {
        for (const transparent of colourType < 4 ? [false, true] : [false]) {
          const name = `colour type ${colourType}, ${depth} bits${interlace ? ", interlaced" : ""}${transparent ? ", tRNS" : ""}`;
          test(name, async () => {
            const most = 2 ** depth - 1;
            // 7, 13 and 31 have no common factor with the sizes, so every sample differs from its neighbours.
            const sample = (x: number, y: number, c: number) =>
              (x * 7 + y * 13 + c * 31) % (colourType === 3 ? Math.min(most + 1, 4) : most + 1);
            const pixel = (x: number, y: number) =>
              Array.from({ length: channels }, (_, c) => sample(x, y, c));
            const palette = Array.from({ length: Math.min(most + 1, 4) * 3 }, (_, i) => (i * 37) % 256);
            const key = pixel(3, 2);
            const transparency = !transparent
              ? undefined
              : colourType === 3
                ? [0, 128].slice(0, palette.length / 3)
                : key.flatMap((value) => [value >> 8, value & 0xff]);
            const rows = (interlace ? passes : ([[0, 0, 1, 1]] as const)).flatMap(([x0, y0, dx, dy]) => {
              const xs = [...Array(width).keys()].filter((x) => x >= x0 && (x - x0) % dx === 0);
              const ys = [...Array(height).keys()].filter((y) => y >= y0 && (y - y0) % dy === 0);
              return xs.length === 0
                ? []
                : ys.map((y) => [
                    0,
                    ...packed(
                      xs.flatMap((x) => pixel(x, y)),
                      depth,
                    ),
                  ]);
            });
            const file = picture({
              ...{ width, height, depth, colourType, interlace, data: rows.flat() },
              ...(colourType === 3 ? { palette } : {}),
              ...(transparency ? { transparency } : {}),
            });
            const scaled = (value: number) => Math.floor((value * 255) / most + 0.5);
            const { pixels } = await readPng(file);
            for (let y = 0; y < height; y++) {
              for (let x = 0; x < width; x++) {
                const values = pixel(x, y);
                const clear = transparent && values.join() === key.join();
                const [first = 0, , , fourth = most] = values;
                const alpha =
                  colourType === 3
                    ? (transparency?.[first] ?? 255)
                    : scaled(
                        colourType === 4 ? (values[1] ?? 0) : colourType === 6 ? fourth : clear ? 0 : most,
                      );
                const colours =
                  colourType === 3
                    ? palette.slice(first * 3, first * 3 + 3)
                    : colourType === 2 || colourType === 6
                      ? values.slice(0, 3).map(scaled)
                      : [first, first, first].map(scaled);
                const seen = [...pixels.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
                expect([x, y, seen[3]]).toEqual([x, y, alpha]);
                if (alpha > 0) expect([x, y, ...seen]).toEqual([x, y, ...colours, alpha]);
              }
            }
          });
        }
      }
    }
  }
});

function packed(values: readonly number[], depth: number): number[] {
  if (depth === 16) return values.flatMap((value) => [value >> 8, value & 0xff]);
  const perByte = 8 / depth;
  return Array.from({ length: Math.ceil(values.length / perByte) }, (_, byte) =>
    Array.from(
      { length: perByte },
      (_, at) => (values[byte * perByte + at] ?? 0) << (8 - depth * (at + 1)),
    ).reduce((sum, bits) => sum | bits, 0),
  );
}
