/**
 * Reads a PNG as far as an icon check needs it: size and pixels (PNG specification, third edition).
 *
 *   signature │ IHDR │ … │ IDAT … │ IEND     chunk: length, type, data, CRC-32 of type and data
 *
 * Interlaced files are refused rather than read: no icon needs interlacing, and every editor can leave it out.
 */

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha; 8 bits each, row by row. */
  readonly pixels: Uint8Array;
}

export class PngError extends Error {}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Wider than any icon, small enough that a crafted file cannot ask for gigabytes. */
const MAX_SIDE = 4096;
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly channels: number;
}

/** Width and height alone, before anything is unpacked. IHDR is the first chunk (specification, section 5.6). */
export function pngSize(file: Uint8Array): { readonly width: number; readonly height: number } {
  const view = signed(file);
  if (view.length < 29) throw new PngError("is cut off");
  return readHeader(view.subarray(16, 29));
}

function signed(file: Uint8Array): Buffer {
  const view = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (!SIGNATURE.every((byte, index) => view[index] === byte)) throw new PngError("is not a PNG file");
  return view;
}

/** Throws PngError with a sentence for the person who chose the file. */
export function readPng(file: Uint8Array): Picture {
  const view = signed(file);

  let header: Header | null = null;
  let palette: Buffer = Buffer.alloc(0);
  let transparency: Buffer = Buffer.alloc(0);
  const parts: Buffer[] = [];
  for (let at = SIGNATURE.length; ; ) {
    if (at + 12 > view.length) throw new PngError("is cut off");
    const length = view.readUInt32BE(at);
    if (at + 12 + length > view.length) throw new PngError("is cut off");
    const body = view.subarray(at + 4, at + 8 + length);
    if (Bun.hash.crc32(body) !== view.readUInt32BE(at + 8 + length)) throw new PngError("is damaged");
    const type = body.toString("latin1", 0, 4);
    const data = body.subarray(4);
    if (type === "IHDR") header = readHeader(data);
    else if (type === "PLTE") palette = data;
    else if (type === "tRNS") transparency = data;
    else if (type === "IDAT") parts.push(data);
    else if (type === "IEND") break;
    at += 12 + length;
  }
  if (!header) throw new PngError("has no header");

  const rowBytes = Math.ceil((header.width * header.channels * header.depth) / 8);
  const size = header.height * (rowBytes + 1);
  let raw: Buffer;
  try {
    raw = process.getBuiltinModule("node:zlib").inflateSync(Buffer.concat(parts), { maxOutputLength: size });
  } catch {
    throw new PngError("is damaged");
  }
  if (raw.length !== size) throw new PngError("is damaged");
  unfilter(raw, header, rowBytes);
  return {
    width: header.width,
    height: header.height,
    pixels: toRgba(raw, header, rowBytes, palette, transparency),
  };
}

function readHeader(data: Buffer): Header {
  if (data.length !== 13) throw new PngError("is damaged");
  const width = data.readUInt32BE(0);
  const height = data.readUInt32BE(4);
  const [depth = 0, colourType = 0, , , interlace = 0] = data.subarray(8);
  const channels = CHANNELS[colourType];
  if (width === 0 || height === 0 || channels === undefined || ![1, 2, 4, 8, 16].includes(depth)) {
    throw new PngError("is damaged");
  }
  if (width > MAX_SIDE || height > MAX_SIDE) throw new PngError(`is larger than ${MAX_SIDE} pixels`);
  if (interlace !== 0) throw new PngError("is interlaced; save it without interlacing");
  return { width, height, depth, colourType, channels };
}

/** Undoes the five row filters in place (specification, section 9). */
function unfilter(raw: Buffer, header: Header, rowBytes: number): void {
  const step = Math.max(1, (header.channels * header.depth) >> 3);
  const at = (row: number, column: number) =>
    row < 0 || column < 0 ? 0 : (raw[row * (rowBytes + 1) + 1 + column] ?? 0);
  for (let row = 0; row < header.height; row++) {
    const filter = raw[row * (rowBytes + 1)] ?? 0;
    if (filter > 4) throw new PngError("is damaged");
    if (filter === 0) continue;
    for (let column = 0; column < rowBytes; column++) {
      const left = at(row, column - step);
      const above = at(row - 1, column);
      const corner = at(row - 1, column - step);
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter] ?? 0;
      const index = row * (rowBytes + 1) + 1 + column;
      raw[index] = ((raw[index] ?? 0) + guess) & 0xff;
    }
  }
}

function paeth(left: number, above: number, corner: number): number {
  const estimate = left + above - corner;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) => Math.abs(estimate - value)) as [
    number,
    number,
    number,
  ];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

function toRgba(
  raw: Buffer,
  header: Header,
  rowBytes: number,
  palette: Buffer,
  transparency: Buffer,
): Uint8Array {
  const { width, height, depth, colourType, channels } = header;
  const most = 2 ** Math.min(depth, 8) - 1;
  /** One sample; 16-bit ones by their high byte. */
  const sample = (row: number, index: number): number => {
    const start = row * (rowBytes + 1) + 1;
    if (depth === 16) return raw[start + index * 2] ?? 0;
    if (depth === 8) return raw[start + index] ?? 0;
    const byte = raw[start + ((index * depth) >> 3)] ?? 0;
    return (byte >> (8 - depth - ((index * depth) % 8))) & most;
  };
  const scale = (value: number) => Math.round((value * 255) / most);

  const pixels = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const values = Array.from({ length: channels }, (_, channel) =>
        sample(row, column * channels + channel),
      );
      const [first = 0, second = 0, third = 0, fourth = 0] = values;
      const out = (row * width + column) * 4;
      if (colourType === 3) {
        if (first * 3 + 2 >= palette.length) throw new PngError("is damaged");
        pixels.set(palette.subarray(first * 3, first * 3 + 3), out);
        pixels[out + 3] = transparency[first] ?? 255;
      } else if (colourType === 0 || colourType === 4) {
        pixels.fill(scale(first), out, out + 3);
        pixels[out + 3] = colourType === 4 ? second : 255;
      } else {
        pixels.set([first, second, third, colourType === 6 ? fourth : 255], out);
      }
    }
  }
  return pixels;
}
