/** Bytes in hex, read as a value. */

import { any, Decoder, type Type } from "../index.ts";

export const fromHex = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(" ", ""), "hex");

export function read(hex: string, type: Type<unknown> = any): unknown {
  const decoder = new Decoder();
  decoder.push(fromHex(hex));
  return decoder.read(type);
}
