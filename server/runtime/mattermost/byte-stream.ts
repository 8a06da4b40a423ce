/** Bytes lent to the other process: the writing end. remote-reader.ts is the reading one, with the same protocol. */

import type { Stream } from "../goplugin/index.ts";
import type { ByteSource } from "./wire/shapes.ts";

/**
 * A Go io.Reader lent to the other process (io_rpc.go of the official module):
 *
 *   reader ─▶ ┌──────────────┐   n: signed varint (zigzag, LEB128), "give me n bytes"
 *             │ n │ n │ …    │
 *             └──────────────┘
 *   reader ◀─ ┌──────────────┐   at most n raw bytes for each n, no framing
 *             │ bytes …      │   FIN: end of the input, or a read error; the two look the same
 *             └──────────────┘
 */

/**
 * Lends our bytes to the other process as an io.Reader. Settles when the reader has read everything or wants no more.
 * Requests a chunk from the source only after the socket has taken the one before, so the source may reuse its memory.
 */
export async function serveReader(
  source: ByteSource,
  stream: Stream,
  moved: () => void = () => {},
): Promise<void> {
  const chunks = iterate(source);
  const demand = new Demand(stream);
  try {
    for (;;) {
      if (!(await demand.some())) break;
      if (!(await stream.sent())) return;
      const next = await chunks.next();
      if (next.done) {
        stream.end();
        return;
      }
      let rest = next.value;
      while (rest.length > 0) {
        if (!(await demand.some())) return;
        const sent = rest.subarray(0, demand.take(rest.length));
        moved();
        rest = rest.subarray(sent.length);
        if (!stream.write(sent)) await demand.drained();
      }
    }
    stream.end();
  } catch (error) {
    // A FIN would look like the end of the input, so the stream is reset.
    stream.reset(error instanceof Error ? error : new Error(String(error)));
    throw error;
  } finally {
    await chunks.return?.(undefined);
  }
}

/** Wraps a plain stream of the other process (an io.Writer there) as a web stream. */
export function writableTo(stream: Stream): WritableStream<Uint8Array> {
  let failed: Error | null = null;
  let wake: (() => void) | null = null;
  stream.onReset = (reason) => {
    failed = reason;
    wake?.();
  };
  stream.onDrain = () => wake?.();
  return new WritableStream<Uint8Array>({
    async write(chunk) {
      if (failed) throw failed;
      if (stream.write(chunk.slice())) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (failed) throw failed;
    },
    close: () => stream.end(),
    abort: () => stream.reset(),
  });
}

/** Tracks how many bytes the reader on the other side still wants. */
class Demand {
  readonly #stream: Stream;
  #wanted = 0n;
  #over = false;
  #wake: (() => void) | null = null;
  #value = 0n;
  #shift = 0n;

  constructor(stream: Stream) {
    this.#stream = stream;
    stream.onData = (chunk) => this.#parse(chunk);
    stream.onDrain = () => this.#wake?.();
    stream.onEnd = stream.onReset = () => {
      this.#over = true;
      this.#wake?.();
    };
  }

  /** Waits until the reader wants bytes; returns false when it never will. */
  async some(): Promise<boolean> {
    while (this.#wanted === 0n && !this.#over) await this.#change();
    return !this.#over;
  }

  async drained(): Promise<void> {
    while (this.#stream.heldBytes > 0 && !this.#over) await this.#change();
  }

  take(length: number): number {
    const granted = this.#wanted < BigInt(length) ? Number(this.#wanted) : length;
    this.#wanted -= BigInt(granted);
    return granted;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #parse(chunk: Uint8Array): void {
    for (const byte of chunk) {
      this.#value |= BigInt(byte & 0x7f) << this.#shift;
      this.#shift += 7n;
      if (this.#shift > 70n) {
        this.#stream.reset();
        return;
      }
      if (byte & 0x80) continue;
      const n = this.#value & 1n ? -(this.#value >> 1n) - 1n : this.#value >> 1n;
      if (n > 0n) this.#wanted += n;
      this.#value = 0n;
      this.#shift = 0n;
    }
    this.#wake?.();
  }
}

/** Largest piece of a buffer that is passed on at once: half a stream's window. */
const PIECE_BYTES = 128 * 1024;

async function* iterate(source: ByteSource): AsyncGenerator<Uint8Array, undefined, undefined> {
  if (typeof source === "string") source = new TextEncoder().encode(source);
  if (source instanceof Uint8Array) {
    for (let at = 0; at < source.length; at += PIECE_BYTES) yield source.subarray(at, at + PIECE_BYTES);
    return;
  }
  if (source instanceof Blob) source = source.stream();
  for await (const chunk of source) if (chunk.length > 0) yield chunk;
}

/** Encodes a signed varint of Go's encoding/binary: zigzag, then seven bits per byte, lowest first. */
export function varint(n: bigint): Uint8Array {
  let rest = n < 0n ? (-n << 1n) - 1n : n << 1n;
  const bytes: number[] = [];
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
