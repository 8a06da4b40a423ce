import { inflateRawSync } from "node:zlib";

/**
 * Reads the files of a ZIP archive by name, from its central directory (APPNOTE 4.3). Answers null if it is no
 * archive.
 */
export function readZip(bytes: Uint8Array): Map<string, Buffer> | null {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = zip.lastIndexOf("PK\x05\x06", zip.length, "latin1");
  if (end < 0 || end + 22 > zip.length) return null;
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  try {
    for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
      if (zip.readUInt32LE(at) !== 0x0201_4b50) return null;
      const [method, packed] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
      const [name, extra, comment] = [
        zip.readUInt16LE(at + 28),
        zip.readUInt16LE(at + 30),
        zip.readUInt16LE(at + 32),
      ];
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const data = zip.subarray(start, start + packed);
      files.set(
        zip.toString("utf8", at + 46, at + 46 + name),
        method === 8 ? inflateRawSync(data) : Buffer.from(data),
      );
      at += 46 + name + extra + comment;
    }
  } catch {
    return null;
  }
  return files;
}
