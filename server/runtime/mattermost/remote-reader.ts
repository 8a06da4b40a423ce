/** The other process's input as a web stream: the reading end of byte-stream.ts. */

import { classWithoutFtl } from "../engine/tiers.ts";
import { processSeconds, type Seconds, type Stream } from "../goplugin/index.ts";
import { varint } from "./byte-stream.ts";

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
