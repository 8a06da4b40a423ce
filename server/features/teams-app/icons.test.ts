import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";
import { type IconName, iconProblems } from "./icons.ts";
import { readPng } from "./png.ts";

const chunk = (type: string, data: Uint8Array) => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
};

interface Drawing {
  width?: number;
  height?: number;
  depth?: number;
  colourType?: number;
  interlace?: number;
  filter?: number;
  palette?: number[];
  transparency?: number[];
  row?: (y: number) => number[];
  rowBytes?: number;
}

function draw({
  width = 32,
  height = 32,
  depth = 8,
  colourType = 6,
  interlace = 0,
  filter = 0,
  palette,
  transparency,
  row,
  rowBytes = width * 4,
}: Drawing = {}) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType, 0, 0, interlace], 8);
  const rows = Buffer.alloc(height * (rowBytes + 1));
  for (let y = 0; y < height; y++) {
    rows[y * (rowBytes + 1)] = filter;
    rows.set(row?.(y) ?? [], y * (rowBytes + 1) + 1);
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    ...(palette ? [chunk("PLTE", Buffer.from(palette))] : []),
    ...(transparency ? [chunk("tRNS", Buffer.from(transparency))] : []),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Left half in this colour, right half transparent. */
const half =
  (...colour: number[]) =>
  () =>
    Array.from({ length: 32 }, (_, x) => (x < 16 ? colour : [0, 0, 0, 0])).flat();

describe("icons that are taken", () => {
  for (const name of ["color", "outline"] as const) {
    test(`our own ${name}`, async () => {
      expect(
        iconProblems(name, await readFile(new URL(`../../assets/${name}.png`, import.meta.url))),
      ).toEqual([]);
    });
  }
  test("a white outline on transparent", () =>
    expect(iconProblems("outline", draw({ row: half(255, 255, 255, 255) }))).toEqual([]));
  test("a palette with one transparent entry, one bit a pixel", () => {
    const file = draw({
      depth: 1,
      colourType: 3,
      palette: [0, 0, 0, 255, 255, 255],
      transparency: [0, 255],
      rowBytes: 4,
      row: () => [0xff, 0xff, 0, 0],
    });
    expect(iconProblems("outline", file)).toEqual([]);
  });
  test("grey with alpha", () => {
    const file = draw({
      colourType: 4,
      rowBytes: 64,
      row: () => Array.from({ length: 32 }, (_, x) => [255, x < 9 ? 255 : 0]).flat(),
    });
    expect(iconProblems("outline", file)).toEqual([]);
  });
});

describe("icons that are refused, with the reason", () => {
  const cases: [name: string, icon: IconName, file: Uint8Array, says: string][] = [
    ["a JPEG", "color", Buffer.from([0xff, 0xd8, 0xff, 0xe0]), "is not a PNG"],
    ["nothing", "color", new Uint8Array(), "is not a PNG"],
    ["32 by 32 as colour icon", "color", draw({ row: half(255, 255, 255, 255) }), "it must be 192 × 192"],
    ["192 by 192 as outline", "outline", draw({ width: 192, height: 192 }), "it must be 32 × 32"],
    ["31 by 32", "outline", draw({ width: 31, row: () => Array(124).fill(255) }), "is 31 × 32 pixels"],
    ["a blue outline", "outline", draw({ row: half(0, 0, 255, 255) }), "not white"],
    ["a white square", "outline", draw({ row: () => Array(128).fill(255) }), "no transparent background"],
    ["an empty outline", "outline", draw(), "is empty"],
    ["an interlaced file", "outline", draw({ interlace: 1 }), "interlaced"],
    ["a file cut in half", "outline", draw().subarray(0, 60), "is cut off"],
    ["a flipped bit", "outline", draw().map((byte, index) => (index === 45 ? byte ^ 1 : byte)), "is damaged"],
    ["a header that promises more rows", "outline", draw({ height: 64 }), "it must be 32 × 32"],
    ["a giant", "color", draw({ width: 5000, height: 1, rowBytes: 20_000 }), "is larger than 4096"],
    [
      "a palette index without colour",
      "outline",
      draw({ depth: 8, colourType: 3, rowBytes: 32, palette: [0, 0, 0], row: () => Array(32).fill(7) }),
      "is damaged",
    ],
    ["more than a megabyte", "color", new Uint8Array(1_048_577), "is larger than 1 MB"],
  ];
  for (const [name, icon, file, says] of cases) {
    test(name, () => expect(iconProblems(icon, file).join("\n")).toContain(says));
  }
});

test("every row filter gives the same picture", () => {
  // A gradient, filtered by hand: None of 10,20,30,… equals Sub of 10,10,10,… and so on.
  const plain = readPng(
    draw({ width: 4, height: 1, row: () => Array.from({ length: 16 }, (_, i) => i * 4) }),
  ).pixels;
  const sub = readPng(
    draw({
      width: 4,
      height: 1,
      filter: 1,
      row: () => Array.from({ length: 16 }, (_, i) => (i < 4 ? i * 4 : 16)),
    }),
  ).pixels;
  const paeth = readPng(
    draw({
      width: 4,
      height: 1,
      filter: 4,
      row: () => Array.from({ length: 16 }, (_, i) => (i < 4 ? i * 4 : 16)),
    }),
  ).pixels;
  const average = readPng(
    draw({
      width: 4,
      height: 1,
      filter: 3,
      row: () => Array.from({ length: 16 }, (_, i) => (i < 4 ? i * 4 : i * 4 - (((i - 4) * 4) >> 1))),
    }),
  ).pixels;
  const up = readPng(
    draw({
      width: 4,
      height: 2,
      filter: 2,
      row: (y) => (y === 0 ? Array.from({ length: 16 }, (_, i) => i * 4) : []),
    }),
  ).pixels;
  expect(sub).toEqual(plain);
  expect(paeth).toEqual(plain);
  expect(average).toEqual(plain);
  expect(up.subarray(16)).toEqual(plain);
});
