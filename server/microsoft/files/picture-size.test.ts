import { describe, expect, test } from "bun:test";
import { pixelsOf } from "./picture-size.ts";

describe("pixels", () => {
  const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));
  const cases: [string, Uint8Array, number | null][] = [
    ["a PNG", png(640, 480), 640 * 480],
    ["a GIF", bytes("GIF89a\x80\x02\xe0\x01\x00\x00"), 640 * 480],
    [
      "a JPEG with a segment before its frame",
      bytes("\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x11\x08\x01\xe0\x02\x80\x03"),
      640 * 480,
    ],
    ["half a PNG", png(1, 1).subarray(0, 20), null],
    ["a text", bytes("hello"), null],
    ["nothing", new Uint8Array(0), null],
  ];
  for (const [name, given, expected] of cases) test(name, () => expect(pixelsOf(given)).toBe(expected));
});

function png(width: number, height: number): Uint8Array {
  const bytes = Buffer.alloc(33);
  bytes.write("\x89PNG\r\n\x1a\n", "latin1");
  bytes.writeUInt32BE(13, 8);
  bytes.write("IHDR", 12, "latin1");
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return new Uint8Array(bytes);
}
