/**
 * Go's encoding/gob: streams of values that describe their own types. It does not depend on RPC.
 *
 * ```ts
 * interface Point { X: number; Y: number }
 * const Point: Type<Point> = struct("Point", () => ({ X: int, Y: int }));
 *
 * const bytes = new Encoder().encode(Point, { X: 22, Y: 33 });
 * const decoder = new Decoder();
 * decoder.push(bytes);
 * decoder.read(Point); // { X: 22, Y: 33 }, or INCOMPLETE
 * ```
 */
export { Decoder, INCOMPLETE, NOT_SENT, SPILLED, type Spill } from "./decoder.ts";
export { type CodecOptions, Encoder } from "./encoder.ts";
export { GobError, ProtocolError, UnreadableValue } from "./errors.ts";
export { type Limits, limits } from "./limits.ts";
export { time, url } from "./opaque.ts";
export { Registry, Tagged, tagged } from "./registry.ts";
export {
  any,
  array,
  bool,
  bytes,
  type Codec,
  float,
  float32,
  int,
  int8,
  int16,
  int32,
  map,
  opaque,
  pointer,
  sendingZeros,
  slice,
  string,
  struct,
  type Type,
  uint,
  uint8,
  uint16,
  uint32,
} from "./types.ts";
