// Draws the default icons of the Teams app and the plugin's own: `node build/bun.mjs build/draw-icons.ts`. Two
// overlapping speech bubbles: one conversation seen from two places. Our own design; no other product's mark.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";

type Rgba = readonly [red: number, green: number, blue: number, alpha: number];
type Corner = readonly [x: number, y: number];
type Shape = (x: number, y: number) => number; // signed distance: negative inside

const NAVY: Rgba = [0x1e, 0x32, 0x5c, 255];
const WHITE: Rgba = [255, 255, 255, 255];
const SKY: Rgba = [0x7f, 0xb2, 0xff, 255];
const CLEAR: Rgba = [0, 0, 0, 0];
const SAMPLES = 8;

const roundedBox =
  ([left, top]: Corner, [right, bottom]: Corner, radius: number): Shape =>
  (x, y) => {
    const dx = Math.abs(x - (left + right) / 2) - (right - left) / 2 + radius;
    const dy = Math.abs(y - (top + bottom) / 2) - (bottom - top) / 2 + radius;
    return Math.min(Math.max(dx, dy), 0) + Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) - radius;
  };

/**
 * Half planes of a triangle given clockwise; close enough to a distance for edges of a few pixels.
 */
const triangle =
  (...corners: Corner[]): Shape =>
  (x, y) =>
    Math.max(
      ...corners.map(([ax, ay], index) => {
        const [bx, by] = corners[(index + 1) % corners.length] as Corner;
        return ((by - ay) * (x - ax) - (bx - ax) * (y - ay)) / Math.hypot(bx - ax, by - ay);
      }),
    );

const union =
  (a: Shape, b: Shape): Shape =>
  (x, y) =>
    Math.min(a(x, y), b(x, y));

// On a 96 by 96 field: Microsoft's safe zone in the middle of the 192 by 192 icon.
const near = union(roundedBox([4, 8], [64, 54], 13), triangle([14, 46], [34, 50], [12, 70]));
const far = union(roundedBox([34, 36], [92, 80], 13), triangle([62, 78], [82, 72], [84, 94]));
const GAP = 5;
const LINE = 7;

type Paint = (x: number, y: number) => Rgba;

const inColour =
  (ground: Rgba, front: Rgba, back: Rgba): Paint =>
  (x, y) => {
    if (near(x, y) <= 0) return front;
    return far(x, y) <= 0 && near(x, y) > GAP ? back : ground;
  };

const inOutline: Paint = (x, y) => {
  if (near(x, y) <= 0) return WHITE;
  const distance = far(x, y);
  return distance <= 0 && distance >= -LINE && near(x, y) > GAP ? WHITE : [255, 255, 255, 0];
};

/** `size` pixels square; the field of 96 units covers the middle `symbol` pixels. */
function draw(size: number, symbol: number, paint: Paint): Uint8Array {
  const rows = new Uint8Array(size * (size * 4 + 1));
  const unit = 96 / symbol;
  const margin = (size - symbol) / 2;
  for (let py = 0; py < size; py++) {
    for (let px = 0; px < size; px++) {
      const sum = [0, 0, 0, 0];
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
        const x = (px + ((sample % SAMPLES) + 0.5) / SAMPLES - margin) * unit;
        const y = (py + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES - margin) * unit;
        const [red, green, blue, alpha] = paint(x, y);
        for (const [channel, value] of [red * alpha, green * alpha, blue * alpha, alpha].entries()) {
          sum[channel] = (sum[channel] ?? 0) + value;
        }
      }
      const at = py * (size * 4 + 1) + 1 + px * 4;
      const alpha = sum[3] ?? 0;
      for (let channel = 0; channel < 3; channel++) {
        rows[at + channel] = alpha === 0 ? 0 : Math.round((sum[channel] ?? 0) / alpha);
      }
      rows[at + 3] = Math.round(alpha / (SAMPLES * SAMPLES));
    }
  }
  return png(size, rows);
}

function png(size: number, rows: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8); // 8 bits, RGBA, deflate, adaptive filters, not interlaced
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 192 192" role="img" aria-label="Mission Collaboration for Microsoft 365">
  <rect width="192" height="192" rx="28" fill="#1e325c"/>
  <g transform="translate(48 48)">
    <path fill="#7fb2ff" d="M47 36h32a13 13 0 0 1 13 13v18a13 13 0 0 1-8.600 12.200L84 94 66 80H47a13 13 0 0 1-13-13V49a13 13 0 0 1 13-13z"/>
    <path fill="#fff" stroke="#1e325c" stroke-width="10" paint-order="stroke" d="M17 8h34a13 13 0 0 1 13 13v20a13 13 0 0 1-13 13H30L12 70l1.500-16.700A13 13 0 0 1 4 41V21A13 13 0 0 1 17 8z"/>
  </g>
</svg>
`;

const assets = fileURLToPath(new URL("../assets/", import.meta.url));
writeFileSync(`${assets}color.png`, draw(192, 96, inColour(NAVY, WHITE, SKY)));
writeFileSync(`${assets}color32.png`, draw(32, 32, inColour(CLEAR, NAVY, SKY)));
writeFileSync(`${assets}outline.png`, draw(32, 30, inOutline));
writeFileSync(`${assets}icon.svg`, svg);
