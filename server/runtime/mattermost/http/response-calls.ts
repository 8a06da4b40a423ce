/** The bytes of the calls that make a response, prepared once for all responses. */

import { withoutFtl } from "../../engine/tiers.ts";
import { Encoder, string, struct, type Type, uint } from "../../gob/index.ts";
import { nothing } from "../../goplugin/index.ts";
import { GoHeader } from "./wire.ts";

interface RpcRequest {
  ServiceMethod: string;
  Seq: number;
}
const RpcRequest: Type<RpcRequest> = struct<RpcRequest>("Request", () => ({
  ServiceMethod: string,
  Seq: uint,
}));

/** One encoder for all responses: its definitions are sent here once, and from then on it produces only values. */
export const encoder = new Encoder();

/** Created for the first response: at import it would cost every start 1 ms. */
let made: { opening: Uint8Array; emptyStruct: Uint8Array } | undefined;
export function prepared(): NonNullable<typeof made> {
  made ??= prepare();
  return made;
}

/** `opening`: the definitions of all types we send, and the first call. */
function prepare(): NonNullable<typeof made> {
  const firstCall = encoder.encode(RpcRequest, { ServiceMethod: "Plugin.SyncHeader", Seq: 0 });
  const headerDefined = encoder.encode(GoHeader, {});
  const header = encoder.encode(GoHeader, {});
  const structDefined = encoder.encode(nothing, {});
  const emptyStruct = encoder.encode(nothing, {});
  const opening = Buffer.concat([
    headerDefined.subarray(0, headerDefined.length - header.length),
    structDefined.subarray(0, structDefined.length - emptyStruct.length),
    firstCall,
  ]);
  return { opening, emptyStruct };
}

/** Calls with small sequence numbers, which are nearly all, are encoded once. */
const heads: Record<string, Uint8Array[]> = {};
export function head(method: string, seq: number): Uint8Array {
  if (seq > 3) return encoder.encode(RpcRequest, { ServiceMethod: method, Seq: seq });
  heads[method] ??= [];
  heads[method][seq] ??= encoder.encode(RpcRequest, { ServiceMethod: method, Seq: seq });
  return heads[method][seq];
}

/**
 * The header of a []byte message without its bytes, so that the bytes need no copy:
 *
 *   ┌────────┬──────────────┬───┬──────────────┬─────────┐
 *   │ length │ type id: int │ 0 │ count: uint  │ bytes … │   length: of everything after it
 *   └────────┴──────────────┴───┴──────────────┴─────────┘
 */
export function bytesHead(count: number): Uint8Array {
  const size = uintSize(count);
  const out = new Uint8Array(uintSize(2 + size + count) + 2 + size);
  let at = putUint(out, 0, 2 + size + count);
  out[at++] = BYTES_TYPE_ID << 1;
  out[at++] = 0;
  putUint(out, at, count);
  return out;
}
const BYTES_TYPE_ID = 5;

function uintSize(n: number): number {
  if (n < 0x80) return 1;
  return n < 0x100 ? 2 : n < 0x1_0000 ? 3 : n < 0x100_0000 ? 4 : 5;
}

function putUint(out: Uint8Array, at: number, n: number): number {
  const size = uintSize(n);
  if (size === 1) {
    out[at] = n;
    return at + 1;
  }
  out[at] = 0x100 - (size - 1);
  for (let i = 1; i < size; i++) out[at + i] = (n / 2 ** (8 * (size - 1 - i))) & 0xff;
  return at + size;
}

withoutFtl(bytesHead);
