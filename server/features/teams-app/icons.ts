/** Microsoft's rules for the icons in an app package (learn.microsoft.com, apps-package and app-icons). */

import type { ProblemCode } from "../../platform/i18n/problems.ts";
import { type Problem, problemWith } from "../../platform/settings/index.ts";
import { MAX_SIDE, type Picture, PngError, pngSize, readPng } from "./png.ts";

export type IconName = "color" | "outline";
export const iconNames: readonly IconName[] = ["color", "outline"];

/** Side of the square in pixels. */
export const iconSides: Readonly<Record<IconName, number>> = { color: 192, outline: 32 };
export const MAX_ICON_BYTES = 1_048_576;

type IconProblem = [code: ProblemCode, values?: Problem["values"]];

/** Returns the problems of a file as an icon; empty for a good one. */
export async function iconProblems(name: IconName, file: Uint8Array): Promise<Problem[]> {
  const one = (...problem: IconProblem) => [problemWith(`icon_${name}`, ...problem)];
  if (file.byteLength > MAX_ICON_BYTES) return one("icon_too_large");
  const side = iconSides[name];
  try {
    const { width, height } = pngSize(file);
    // Checked before the pixels, because a picture that is much too large is not worth decompressing.
    if (width !== side || height !== side) {
      return one("icon_size", { width, height, side });
    }
    const picture = await readPng(file);
    if (!picture.pixels.some((value, at) => at % 4 === 3 && value > 0)) {
      return one("icon_empty");
    }
    return name === "outline" ? outlineProblems(picture).flatMap((code) => one(code)) : [];
  } catch (error) {
    if (error instanceof PngError) return one(error.code, { most: MAX_SIDE });
    throw error;
  }
}

/**
 * "The RGB values of white must be 255, 255, 255. All other parts must be fully transparent, with the alpha channel
 * set to 0" (Teams store validation guidelines, app icons). Teams tints the outline itself.
 */
function outlineProblems({ width, height, pixels }: Picture): IconProblem[0][] {
  const alpha = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : (pixels[(y * width + x) * 4 + 3] ?? 0);
  let clear = 0;
  let tinted = 0;
  let veiled = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      if (alpha(x, y) === 0) {
        clear++;
        continue;
      }
      if (pixels[at] !== 255 || pixels[at + 1] !== 255 || pixels[at + 2] !== 255) tinted++;
      if (alpha(x, y) < 255 && !isSoftEdge(x, y, alpha)) veiled++;
    }
  }
  const problems: IconProblem[0][] = [];
  if (tinted > 0) problems.push("icon_not_white");
  if (clear === 0) problems.push("icon_no_background");
  else if (veiled > 0) problems.push("icon_veiled");
  return problems;
}

const OPAQUE = 255;
const VISIBLE = 128;

/**
 * Drawing programs make edges with half-transparent pixels. These lie between the shape and the background: beside an
 * opaque pixel or within two of a transparent one, and near a visible one. A translucent area also has such pixels
 * elsewhere.
 */
function isSoftEdge(x: number, y: number, alpha: (x: number, y: number) => number): boolean {
  const around = (distance: number, holds: (value: number) => boolean) => {
    for (let down = -distance; down <= distance; down++) {
      for (let right = -distance; right <= distance; right++) {
        if ((down !== 0 || right !== 0) && holds(alpha(x + right, y + down))) return true;
      }
    }
    return false;
  };
  const between = around(1, (value) => value === OPAQUE) || around(2, (value) => value === 0);
  return between && (alpha(x, y) >= VISIBLE || around(2, (value) => value >= VISIBLE));
}
