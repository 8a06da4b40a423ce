/** The part of DER encoding (ITU-T X.690) that a certificate needs. */

type Der = Uint8Array<ArrayBuffer>;

export function tlv(tag: number, ...content: Uint8Array[]): Der {
  const body = Buffer.concat(content);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return new Uint8Array([tag, ...length, ...body]);
}

export const sequence = (...items: Uint8Array[]) => tlv(0x30, ...items);
export const set = (...items: Uint8Array[]) => tlv(0x31, ...items);
export const boolean = (value: boolean) => tlv(0x01, new Uint8Array([value ? 0xff : 0]));
/** A non-negative integer, big endian; gets a leading zero when its highest bit is set. */
export const integer = (bytes: Uint8Array) =>
  tlv(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([new Uint8Array([0]), bytes]) : bytes);
export const bitString = (bytes: Uint8Array, unusedBits = 0) =>
  tlv(0x03, new Uint8Array([unusedBits]), bytes);
export const octetString = (...content: Uint8Array[]) => tlv(0x04, ...content);
export const utf8 = (text: string) => tlv(0x0c, Buffer.from(text));
/** A context-specific, constructed value: `[n] { … }`. */
export const context = (n: number, ...content: Uint8Array[]) => tlv(0xa0 | n, ...content);
/** A context-specific, primitive value. */
export const contextPrimitive = (n: number, content: Uint8Array) => tlv(0x80 | n, content);

export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tlv(0x06, new Uint8Array(bytes));
}

/** GeneralizedTime in seconds, UTC. */
export const time = (at: Date) =>
  tlv(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`));
