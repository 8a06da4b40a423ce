import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import type { Problem } from "../../platform/settings/index.ts";
import { type IconName, iconProblems } from "./icons.ts";
import { picture } from "./testing/drawing.ts";

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
  const rows = Buffer.alloc(height * (rowBytes + 1));
  for (let y = 0; y < height; y++) {
    rows[y * (rowBytes + 1)] = filter;
    rows.set(row?.(y) ?? [], y * (rowBytes + 1) + 1);
  }
  return picture({
    ...{ width, height, depth, colourType, interlace, data: rows },
    ...(palette ? { palette } : {}),
    ...(transparency ? { transparency } : {}),
  });
}

/** The left half in this colour, the right half transparent. */
const half =
  (...colour: number[]) =>
  () =>
    Array.from({ length: 32 }, (_, x) => (x < 16 ? colour : [0, 0, 0, 0])).flat();

/** A file whose first header says 32 by 32, and whose second says 32 by 4096. */
function twoHeaders() {
  const file = draw({ row: half(255, 255, 255, 255) });
  const [start, end] = [8, 8 + 25];
  return Buffer.concat([
    file.subarray(0, end),
    draw({ height: 4096 }).subarray(start, end),
    file.subarray(end),
  ]);
}

const row32 = (alpha: (x: number) => number) => () =>
  Array.from({ length: 32 }, (_, x) => [255, 255, 255, alpha(x)]).flat();
const golden = (name: string) => readFile(new URL(`testdata/${name}.png`, import.meta.url));

const said = (problems: readonly Problem[]) => problems.map(({ says }) => says).join("\n");

describe("accepts", () => {
  for (const name of ["color", "outline"] as const) {
    test(`our own ${name}`, async () => {
      const file = await readFile(new URL(`../../../assets/${name}.png`, import.meta.url));
      expect(await iconProblems(name, file)).toEqual([]);
    });
  }
  test("a white outline on transparent", async () =>
    expect(await iconProblems("outline", draw({ row: half(255, 255, 255, 255) }))).toEqual([]));
  test("a palette with one transparent entry, one bit a pixel", async () => {
    const file = draw({
      depth: 1,
      colourType: 3,
      palette: [0, 0, 0, 255, 255, 255],
      transparency: [0, 255],
      rowBytes: 4,
      row: () => [0xff, 0xff, 0, 0],
    });
    expect(await iconProblems("outline", file)).toEqual([]);
  });
  test("grey with alpha", async () => {
    const file = draw({
      colourType: 4,
      rowBytes: 64,
      row: () => Array.from({ length: 32 }, (_, x) => [255, x < 9 ? 255 : 0]).flat(),
    });
    expect(await iconProblems("outline", file)).toEqual([]);
  });
  for (const name of ["grey8-trns", "rgb-trns"]) {
    test(`white and one transparent colour, ${name}`, async () =>
      expect(await iconProblems("outline", await golden(name))).toEqual([]));
  }
  test("soft edges as a drawing program makes them", async () => {
    const soft = row32((x) => (x < 10 || x > 20 ? 0 : x === 10 || x === 20 ? 90 : 255));
    expect(await iconProblems("outline", draw({ row: soft }))).toEqual([]);
  });
  test("a thin line between two pixels, nowhere opaque", async () => {
    const thin = row32((x) => (x === 10 || x === 11 ? 128 : 0));
    expect(await iconProblems("outline", draw({ row: thin }))).toEqual([]);
  });
  test("bytes after the end, as some programs leave them", async () => {
    const file = Buffer.concat([draw({ row: half(255, 255, 255, 255) }), Buffer.from("made with love")]);
    expect(await iconProblems("outline", file)).toEqual([]);
  });
  test("a colour icon that is half transparent", async () => {
    const row = () => Array.from({ length: 192 }, (_, x) => [200, 10, 10, x]).flat();
    expect(await iconProblems("color", draw({ width: 192, height: 192, row }))).toEqual([]);
  });
});

describe("refuses, with the reason", () => {
  const cases: [name: string, icon: IconName, file: Uint8Array, says: string][] = [
    ["a JPEG", "color", Buffer.from([0xff, 0xd8, 0xff, 0xe0]), "is not a PNG"],
    ["nothing", "color", new Uint8Array(), "is not a PNG"],
    ["32 by 32 as colour icon", "color", draw({ row: half(255, 255, 255, 255) }), "it must be 192 × 192"],
    ["192 by 192 as outline", "outline", draw({ width: 192, height: 192 }), "it must be 32 × 32"],
    ["31 by 32", "outline", draw({ width: 31, row: () => Array(124).fill(255) }), "is 31 × 32 pixels"],
    ["a blue outline", "outline", draw({ row: half(0, 0, 255, 255) }), "not white"],
    ["a white square", "outline", draw({ row: () => Array(128).fill(255) }), "no transparent background"],
    ["an empty outline", "outline", draw(), "is empty"],
    ["an interlaced bomb", "outline", draw({ interlace: 1, height: 32, rowBytes: 100_000 }), "is damaged"],
    ["rows that are missing", "outline", draw({ rowBytes: 64 }), "is damaged"],
    ["an unknown kind of interlacing", "outline", draw({ interlace: 2 }), "is damaged"],
    ["a depth that no colour has", "outline", draw({ depth: 3 }), "is damaged"],
    [
      "a translucent area that begins beside the shape",
      "outline",
      draw({ row: row32((x) => (x < 16 ? 255 : 60)) }),
      "no transparent",
    ],
    [
      "a translucent area over a part",
      "outline",
      draw({ row: row32((x) => (x < 8 ? 255 : x < 16 ? 60 : 0)) }),
      "half-transparent",
    ],
    [
      "a faint frame",
      "outline",
      draw({ row: row32((x) => (x === 0 ? 7 : x > 12 && x < 20 ? 255 : 0)) }),
      "half-transparent",
    ],
    [
      "a shape that is itself half transparent",
      "outline",
      draw({ row: row32((x) => (x < 16 ? 200 : 0)) }),
      "half-transparent",
    ],
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
    ["a second header of another size", "outline", twoHeaders(), "is damaged"],
    ["more than a megabyte", "color", new Uint8Array(1_048_577), "is larger than 1 MB"],
  ];
  for (const [name, icon, file, says] of cases) {
    test(name, async () => expect(said(await iconProblems(icon, file))).toContain(says));
  }
});

test("Teams' rule for the background, with defects that were found", async () => {
  expect(said(await iconProblems("outline", await golden("veil-alpha7")))).toContain(
    "no transparent background",
  );
  expect(said(await iconProblems("outline", await golden("veil-alpha128")))).toContain("half-transparent");
  expect(said(await iconProblems("outline", await golden("offwhite-f2")))).toContain("not white");
  expect(said(await iconProblems("color", await golden("color-empty")))).toContain(
    "every pixel is transparent",
  );
});
