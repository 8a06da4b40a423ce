import { withoutFtl } from "../engine/tiers.ts";
import { ProtocolError } from "./errors.ts";
import { INITIAL_WINDOW_BYTES } from "./limits.ts";

/**
 * A yamux frame, all numbers big endian:
 *
 *    0         1        2          4            8          12
 *   ┌─────────┬────────┬──────────┬────────────┬──────────┬────────────┐
 *   │ version │  type  │  flags   │ stream id  │  length  │ body …     │
 *   │    0    │  u8    │  u16     │    u32     │   u32    │ data only  │
 *   └─────────┴────────┴──────────┴────────────┴──────────┴────────────┘
 *
 *   type           length means               stream id
 *   0 data         bytes of the body          the stream
 *   1 window       bytes granted to the peer  the stream
 *   2 ping         opaque value, echoed       0
 *   3 go away      reason                     0
 *
 * Flags are a set and may come with data or window frames. hashicorp/yamux spec.md.
 */
export const HEADER_BYTES = 12;

export const DATA = 0;
export const WINDOW_UPDATE = 1;
export const PING = 2;
export const GO_AWAY = 3;

/** Opens a stream; on a ping: "answer this". */
export const SYN = 1;
/** Accepts a stream; on a ping: "this is the answer". */
export const ACK = 2;
/** Half close: the sender writes no more. */
export const FIN = 4;
/** The stream is over at once, in both directions. */
export const RST = 8;

export const GO_AWAY_NORMAL = 0;
export const GO_AWAY_PROTOCOL_ERROR = 1;
export const GO_AWAY_INTERNAL_ERROR = 2;

/** Returns the error with which a session ends when the peer sends GO_AWAY for this reason. */
export function goneAway(reason: number): ProtocolError {
  if (reason === GO_AWAY_PROTOCOL_ERROR)
    return new ProtocolError("yamux: the peer says that we broke the protocol");
  if (reason === GO_AWAY_INTERNAL_ERROR) return new ProtocolError("yamux: the peer has an internal error");
  return new ProtocolError(`yamux: go away with unknown reason ${reason}`);
}

export interface Header {
  type: number;
  flags: number;
  streamId: number;
  length: number;
}

/**
 * Reads the header at `at` into `header`. There is one header object per session, because this runs for every frame.
 */
export function readHeader(bytes: Uint8Array, at: number, header: Header): void {
  const version = bytes[at] as number;
  if (version !== 0) throw new ProtocolError(`yamux: version ${version} instead of 0`);
  const type = bytes[at + 1] as number;
  if (type > GO_AWAY) throw new ProtocolError(`yamux: unknown frame type ${type}`);
  header.type = type;
  header.flags = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
  header.streamId = uint32(bytes, at + 4);
  header.length = uint32(bytes, at + 8);
  if (type === DATA && header.length > INITIAL_WINDOW_BYTES) {
    throw new ProtocolError(`yamux: a data frame of ${header.length} bytes is larger than any window`);
  }
}

/** Writes `header` at `at` (one object per session, too); the caller has made room for HEADER_BYTES. */
export function writeHeader(into: Uint8Array, at: number, header: Header): void {
  const { type, flags, streamId, length } = header;
  into[at] = 0;
  into[at + 1] = type;
  into[at + 2] = flags >>> 8;
  into[at + 3] = flags;
  into[at + 4] = streamId >>> 24;
  into[at + 5] = streamId >>> 16;
  into[at + 6] = streamId >>> 8;
  into[at + 7] = streamId;
  into[at + 8] = length >>> 24;
  into[at + 9] = length >>> 16;
  into[at + 10] = length >>> 8;
  into[at + 11] = length;
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

withoutFtl(readHeader);
withoutFtl(writeHeader);
