/**
 * Byte streams between the two processes. Both ends of the protocol are in one file, because each documents the
 * other.
 */

import { classWithoutFtl } from "../engine/tiers.ts";
import { processSeconds, type Seconds, type Stream } from "../goplugin/index.ts";
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

/** One request for more than any input has: from then on, the stream's window is the only flow control. */
const EVERYTHING = varint(2n ** 62n);

/** Bytes that may be buffered for a slow consumer, besides those in the stream's window. */
const READ_AHEAD_BYTES = 128 * 1024;

/** The input ended before this many bytes had come. */
export class CutShort extends Error {
  override readonly name = "CutShort";
  constructor(received: number, expected: number) {
    super(`the body was cut short: ${received} of ${expected} bytes arrived`);
  }
}

/** The input did not arrive in time, or was dropped in favour of others. */
export class InputTimeout extends Error {
  override readonly name = "InputTimeout";
}

export interface RemoteReaderOptions {
  /** The Content-Length. An earlier end is an error, because a broken connection also looks like an end. */
  expectedBytes?: number | null;
  /** Called when the input failed or was cut short. */
  onFailure?: (reason: Error) => void;
  /** How long the reader waits for the next byte, and for all of them. Default: no limit. */
  idleSeconds?: number;
  totalSeconds?: number;
  seconds?: Seconds;
  /** Called when the first byte was requested, and when the input is over. */
  onAsked?: () => void;
  onOver?: () => void;
  /** How bytes are requested: a lent io.Reader needs a number first, a plain stream just flows. */
  framing?: "io.Reader" | "raw";
}

/** The other process's input as a web stream. It requests nothing before the first read. */
export class RemoteReader {
  static {
    classWithoutFtl(RemoteReader);
  }

  readonly readable: ReadableStream<Uint8Array>;
  readonly #stream: Stream;
  readonly #options: RemoteReaderOptions;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #received = 0;
  #asked = false;
  #over = false;
  readonly #seconds: Seconds;
  #askedAt = 0;
  /** The second since which the reader has been waiting; -1 while it does not wait. */
  #waitsSince = -1;
  /** Wakes `pull` when something has arrived. */
  #came: () => void = () => {};

  constructor(stream: Stream, options: RemoteReaderOptions = {}) {
    this.#stream = stream;
    this.#options = options;
    this.#seconds = options.seconds ?? processSeconds;
    stream.onReset = (reason) => this.fail(reason);
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.pull(),
        cancel: () => this.close(),
      },
      // A mark of 0, or the web stream would request bytes before anybody reads.
      { highWaterMark: 0, size: (chunk) => chunk?.length ?? 0 },
    );
  }

  /** True when it has ended or failed, or when nobody reads it any more. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Nobody will read further: requested bytes that are still on their way are refused. */
  close(): void {
    if (this.#over) return;
    this.finish();
    if (this.#asked || this.#options.framing === "raw") this.#stream.reset();
    else this.#stream.end();
  }

  /** Called by the clock (seconds.ts). */
  everySecond(): void {
    const { idleSeconds = Number.POSITIVE_INFINITY, totalSeconds = Number.POSITIVE_INFINITY } = this.#options;
    const { now } = this.#seconds;
    if (this.#waitsSince >= 0 && now - this.#waitsSince >= idleSeconds) {
      this.giveUp(new InputTimeout(`nothing came for ${idleSeconds} s`));
    } else if (now - this.#askedAt >= totalSeconds) {
      this.giveUp(new InputTimeout(`it was not complete within ${totalSeconds} s`));
    }
  }

  /** Fails the reader with this error; bytes that are still on their way are refused. */
  giveUp(reason: Error): void {
    if (this.#over) return;
    this.#stream.onReset = null;
    this.#stream.reset();
    this.fail(reason);
  }

  private pull(): Promise<void> | undefined {
    if (this.#over) return;
    this.#waitsSince = this.#seconds.now;
    const came = new Promise<void>((resolve) => {
      this.#came = resolve;
    });
    if (this.#asked) this.#stream.resume();
    else this.ask();
    return came;
  }

  private ask(): void {
    this.#asked = true;
    this.#askedAt = this.#seconds.now;
    this.#seconds.watch(this);
    this.#options.onAsked?.();
    if (this.#over) return; // there is no room
    const stream = this.#stream;
    if (this.#options.framing !== "raw") stream.write(EVERYTHING);
    stream.onEnd = () => this.end();
    stream.onData = (chunk) => {
      this.#received += chunk.length;
      this.#waitsSince = -1;
      // A small view would keep the whole read buffer of the socket alive for as long as the consumer keeps it.
      this.#controller.enqueue(chunk.length * 16 < chunk.buffer.byteLength ? chunk.slice() : chunk);
      if ((this.#controller.desiredSize ?? 0) <= -READ_AHEAD_BYTES) stream.pause();
      this.#came();
    };
  }

  private end(): void {
    if (this.#over) return;
    const expected = this.#options.expectedBytes;
    if (expected != null && this.#received < expected) {
      this.fail(new CutShort(this.#received, expected));
      return;
    }
    this.finish();
    this.#stream.end();
    this.#controller.close();
    this.#came();
  }

  private fail(reason: Error): void {
    if (this.#over) return;
    this.finish();
    this.#stream.end();
    this.#controller.error(reason);
    this.#came();
    this.#options.onFailure?.(reason);
  }

  private finish(): void {
    this.#over = true;
    this.#seconds.unwatch(this);
    if (this.#asked) this.#options.onOver?.();
  }
}

/** Lends our bytes to the other process as an io.Reader. Settles when it has read everything or wants no more. */
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
