import { ProtocolError } from "./errors.ts";
import { type Codec, opaque, type Type } from "./types.ts";

/**
 * time.Time as a Date: Go's nanoseconds and zone are dropped, and Go's zero time is January 1 of year 1.
 *
 *   ┌────────────┬──────────────────────┬──────────────────┬─────────────────────┬─────────┐
 *   │ version: 1 │ seconds since year 1 │ nanoseconds      │ zone, minutes, or   │ version │
 *   │ 1 byte     │ int64, big endian    │ int32            │ -1 for UTC: int16   │ 2: +1   │
 *   └────────────┴──────────────────────┴──────────────────┴─────────────────────┴─────────┘
 *
 * Go package time, Time.MarshalBinary. Version 2 adds the seconds of the zone.
 */
const timeCodec: Codec<Date> = {
  encoding: "GobEncoder",
  encode(date) {
    const ms = date.getTime();
    const seconds = Math.floor(ms / 1000);
    const out = new Uint8Array(15);
    const view = new DataView(out.buffer);
    view.setUint8(0, 1);
    view.setBigInt64(1, BigInt(seconds) + yearOne);
    view.setInt32(9, (ms - seconds * 1000) * 1_000_000);
    view.setInt16(13, -1);
    return out;
  },
  decode(bytes) {
    const version = bytes[0];
    if (!((version === 1 && bytes.length === 15) || (version === 2 && bytes.length === 16))) {
      throw new ProtocolError("gob: a time.Time of unknown version");
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const seconds = Number(view.getBigInt64(1) - yearOne);
    const date = new Date(seconds * 1000 + Math.floor(view.getInt32(9) / 1_000_000));
    if (Number.isNaN(date.getTime())) throw new ProtocolError("gob: a time.Time beyond the range of Date");
    return date;
  },
  zero: () => new Date(zeroTime),
  isZero: (date) => date.getTime() === zeroTime,
};

/** Seconds from January 1 of year 1 to 1970. */
const yearOne = 62_135_596_800n;
const zeroTime = Number(-yearOne) * 1000;

export const time: Type<Date> = opaque("Time", timeCodec);

/**
 * Five times as fast on short views as a Buffer over the same bytes, which forces their ArrayBuffer into existence.
 */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** url.URL as text, which is its form on the wire. */
export const url: Type<string> = opaque("URL", {
  encoding: "BinaryMarshaler",
  encode: (text: string) => Buffer.from(text, "utf8"),
  decode: (bytes) => utf8.decode(bytes),
  zero: () => "",
  isZero: (text) => text === "",
});
