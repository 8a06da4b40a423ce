/** PNG pictures made by hand. */

import { crc32, deflateSync } from "node:zlib";

const chunk = (type: string, data: Uint8Array) => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
};

interface Chunks {
  width: number;
  height: number;
  depth: number;
  colourType: number;
  interlace: number;
  palette?: number[];
  transparency?: number[];
  /** Filter byte and samples of each row, not compressed yet. */
  data: ArrayLike<number>;
}

export function picture({
  width,
  height,
  depth,
  colourType,
  interlace,
  palette,
  transparency,
  data,
}: Chunks) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType, 0, 0, interlace], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    ...(palette ? [chunk("PLTE", Buffer.from(palette))] : []),
    ...(transparency ? [chunk("tRNS", Buffer.from(transparency))] : []),
    chunk("IDAT", deflateSync(Uint8Array.from(data))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
