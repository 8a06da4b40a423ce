import { expect, test } from "bun:test";
import { PNG } from "pngjs";
import { withPalette } from "./palette-png.ts";

/** A picture of 20 × 20 points. */
function screenshot(colour: (x: number, y: number) => readonly [number, number, number]): Buffer {
  const png = new PNG({ width: 20, height: 20 });
  for (let at = 0; at < 400; at += 1) png.data.set([...colour(at % 20, Math.floor(at / 20)), 255], 4 * at);
  return PNG.sync.write(png);
}

test("up to 256 colours stay unchanged", () => {
  const before = screenshot((x, y) => [x * 10, (y % 8) * 30, 255 - x]);
  expect(PNG.sync.read(withPalette(before)).data.equals(PNG.sync.read(before).data)).toBe(true);
});

test("beyond 256 colours the frequent ones stay, and each rare one becomes the nearest of them", () => {
  // Two of three rows are white; the others have 300 colours near each other.
  const before = screenshot((x, y) => (y % 3 === 0 ? [x, y, 100] : [255, 255, 255]));
  const many = screenshot((x, y) => [100 + x, 100 + y, 100]);
  const { data } = PNG.sync.read(withPalette(before));
  expect([...data.subarray(4 * 20, 4 * 20 + 4)]).toEqual([255, 255, 255, 255]);
  const changed = PNG.sync.read(withPalette(many));
  expect([changed.width, changed.height]).toEqual([20, 20]);
  const original = PNG.sync.read(many).data;
  const furthest = Math.max(...changed.data.map((value, at) => Math.abs(value - (original[at] ?? 0))));
  expect(furthest).toBeLessThan(10);
});
