/** Reads pictures of any kind in the PNG specification (third edition) as red, green, blue, alpha. */

import type { ProblemCode } from "../../platform/i18n/problems.ts";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha; 8 bits each, row by row. */
  readonly pixels: Uint8Array;
}

/** Its code is one of the problems of a setting (platform/i18n/problems). */
export class PngError extends Error {
  override readonly name = "PngError";
  readonly code: Extract<ProblemCode, `png_${string}`>;
  constructor(code: PngError["code"]) {
    super(code);
    this.code = code;
  }
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Wider than any icon, small enough that a crafted file cannot request gigabytes. */
export const MAX_SIDE = 4096;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
}

/**
 * Reads only width and height, before anything is decompressed. IHDR is the first chunk (specification, section 5.6).
 */
export function pngSize(file: Uint8Array): Header {
  const view = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (!SIGNATURE.every((byte, index) => view[index] === byte)) throw new PngError("png_unknown");
  if (view.length < 29) throw new PngError("png_cut_off");
  const width = view.readUInt32BE(16);
  const height = view.readUInt32BE(20);
  if (view.toString("latin1", 12, 16) !== "IHDR" || width === 0 || height === 0) {
    throw new PngError("png_damaged");
  }
  if (width > MAX_SIDE || height > MAX_SIDE) throw new PngError("png_side");
  return { width, height, interlaced: view[28] !== 0 };
}

/**
 * Throws PngError. Uses pngjs, the only one of three libraries
 * tried that read all 26 combinations of colour, depth and interlacing, each with and without `tRNS`.
 */
export async function readPng(file: Uint8Array): Promise<Picture> {
  const header = pngSize(file);
  const { whole, data } = chunksOf(Buffer.from(file.buffer, file.byteOffset, file.byteLength));
  checkData(data, header, file);
  const { PNG } = await import("pngjs");
  try {
    const { width, height, data: pixels } = PNG.sync.read(whole);
    return { width, height, pixels };
  } catch {
    throw new PngError("png_damaged");
  }
}

/** Returns the file up to its IEND (some programs add bytes after it), and the contents of its IDAT chunks. */
function chunksOf(file: Buffer): { whole: Buffer; data: Buffer } {
  const parts: Buffer[] = [];
  for (let at = SIGNATURE.length; ; ) {
    if (at + 12 > file.length) throw new PngError("png_cut_off");
    const next = at + 12 + file.readUInt32BE(at);
    if (next > file.length) throw new PngError("png_cut_off");
    const type = file.toString("latin1", at + 4, at + 8);
    // Only the first header's size was checked; pngjs would use the last one.
    if (type === "IHDR" && at > SIGNATURE.length) throw new PngError("png_damaged");
    if (type === "IDAT") parts.push(file.subarray(at + 8, next - 4));
    if (type === "IEND") return { whole: file.subarray(0, next), data: Buffer.concat(parts) };
    at = next;
  }
}

/** pngjs 7 decompresses interlaced data without a limit, and fills missing rows with whatever is in memory. */
function checkData(data: Buffer, { width, height, interlaced }: Header, file: Uint8Array): void {
  // At most 8 bytes per pixel; the seven passes have less than two filter bytes per row, each row padded to a byte.
  const maxOutputLength = width * height * 8 + 4 * height + 64;
  const channels = [1, 0, 3, 1, 2, 0, 4][file[25] ?? 0] ?? 0;
  const least = interlaced ? 1 : height * (Math.ceil((width * channels * (file[24] ?? 0)) / 8) + 1);
  let size = 0;
  try {
    size = process.getBuiltinModule("node:zlib").inflateSync(data, { maxOutputLength }).length;
  } catch {
    throw new PngError("png_damaged");
  }
  if (size < least) throw new PngError("png_damaged");
}
