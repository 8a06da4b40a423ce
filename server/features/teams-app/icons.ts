/** What Microsoft asks of the icons in an app package (learn.microsoft.com, apps-package and app-icons). */

import { type Picture, PngError, pngSize, readPng } from "./png.ts";

export type IconName = "color" | "outline";
export const iconNames: readonly IconName[] = ["color", "outline"];

/** Square sides in pixels. */
export const iconSides: Readonly<Record<IconName, number>> = { color: 192, outline: 32 };
export const MAX_ICON_BYTES = 1_048_576;

/** What is wrong with a file as an icon, in sentences; empty when it will do. */
export function iconProblems(name: IconName, file: Uint8Array): string[] {
  if (file.byteLength > MAX_ICON_BYTES) return ["is larger than 1 MB"];
  const side = iconSides[name];
  try {
    const { width, height } = pngSize(file);
    // Before the pixels: those of a picture much too large are not worth unpacking.
    if (width !== side || height !== side) {
      return [`is ${width} × ${height} pixels; it must be ${side} × ${side}`];
    }
    const picture = readPng(file);
    return name === "outline" ? outlineProblems(picture) : [];
  } catch (error) {
    if (error instanceof PngError) return [error.message];
    throw error;
  }
}

/** Teams tints the outline itself: every pixel that can be seen must be white, and some must not be seen. */
function outlineProblems({ pixels }: Picture): string[] {
  let clear = 0;
  let seen = 0;
  let tinted = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3] ?? 0;
    if (alpha < 8) {
      clear++;
      continue;
    }
    seen++;
    // Editors leave near-white at soft edges; what shows as a colour is refused.
    if (Math.min(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0) < 0xf0) tinted++;
  }
  const problems: string[] = [];
  if (tinted > 0) problems.push("has pixels that are not white; the outline must be white on transparent");
  if (clear === 0) problems.push("has no transparent background");
  if (seen === 0) problems.push("is empty: every pixel is transparent");
  return problems;
}
