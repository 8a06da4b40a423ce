/**
 * The bytes of a session that wait for the socket: frames in one buffer, and large bodies beside it without a copy. All
 * bytes of one turn of the event loop are sent in one write.
 */

import { classWithoutFtl } from "../engine/tiers.ts";
import { DATA, HEADER_BYTES, type Header, writeHeader } from "./frame.ts";
import { MAX_OUTPUT_BYTES, OUTPUT_BUFFER_BYTES, OUTPUT_HIGH_WATER_BYTES, SCATTER_BYTES } from "./limits.ts";
import type { Connection } from "./session-options.ts";
import type { Stream } from "./stream.ts";

export interface OutputListener {
  /** Called when the socket has taken everything that was written. */
  sent(): void;
  /** Called when the connection has ended. */
  gone(): void;
  /** Called when too many bytes wait: the peer does not read. */
  overflow(): void;
}

export class Output {
  static {
    classWithoutFtl(Output);
  }

  readonly #connection: Connection;
  readonly #listener: OutputListener;
  readonly #header: Header = { type: 0, flags: 0, streamId: 0, length: 0 };
  // Waiting bytes: first these segments, then the unsent part of the buffer.
  #buffer = new Uint8Array(OUTPUT_BUFFER_BYTES);
  #bufferStart = 0;
  #bufferEnd = 0;
  #segments: Uint8Array[] = [];
  #segmentBytes = 0;
  #congested = false;
  /** Their SYNs are sent together with the data that is written in the same turn. */
  #unannounced: Stream[] = [];
  readonly #awaitingRoom = new Set<Stream>();
  #flushScheduled = false;
  #ended = false;

  constructor(connection: Connection, listener: OutputListener) {
    this.#connection = connection;
    this.#listener = listener;
  }

  /** True after a short write, until the socket has room again. */
  get congested(): boolean {
    return this.#congested;
  }

  /** True while streams must keep their data. */
  get isFull(): boolean {
    return this.#congested || this.#segmentBytes >= OUTPUT_HIGH_WATER_BYTES;
  }

  /** True when the socket has taken everything. */
  get isDrained(): boolean {
    return this.#segments.length === 0 && this.#bufferStart === this.#bufferEnd;
  }

  /** Writes a frame without a body. */
  control(type: number, flags: number, streamId: number, length: number): void {
    if (this.#ended) return;
    this.#writeHeader(type, flags, streamId, length);
    this.#schedule();
  }

  data(flags: number, streamId: number, parts: readonly Uint8Array[], length: number): void {
    if (this.#ended) return;
    this.#writeHeader(DATA, flags, streamId, length);
    for (const part of parts) {
      if (part.length > SCATTER_BYTES) {
        this.#cutBuffer();
        this.#segments.push(part);
        this.#segmentBytes += part.length;
      } else {
        this.#reserve(part.length);
        this.#buffer.set(part, this.#bufferEnd);
        this.#bufferEnd += part.length;
      }
    }
    this.#schedule();
  }

  announce(stream: Stream): void {
    this.#unannounced.push(stream);
    this.#schedule();
  }

  /** Calls `roomAgain` of the stream once the socket has taken everything. */
  awaitRoom(stream: Stream): void {
    this.#awaitingRoom.add(stream);
  }

  forget(stream: Stream): void {
    if (this.#awaitingRoom.size > 0) this.#awaitingRoom.delete(stream);
  }

  /** Writes a last control frame, if the socket takes it. */
  last(type: number, flags: number, streamId: number, length: number): void {
    this.#unannounced = [];
    this.control(type, flags, streamId, length);
    if (!this.#congested) this.flush();
  }

  flush(): void {
    while (!this.#ended) {
      if (this.#unannounced.length > 0) for (const stream of this.#unannounced.splice(0)) stream.announce();
      const sent = this.#send();
      if (sent === "gone") this.#listener.gone();
      if (sent !== "all") return;
      const stream = first(this.#awaitingRoom);
      if (!stream) break;
      this.#awaitingRoom.delete(stream);
      stream.roomAgain();
    }
    this.#listener.sent();
  }

  /** Drops the waiting bytes and ignores later writes. */
  stop(): void {
    this.#ended = true;
    this.#segments = [];
  }

  end(): void {
    this.#connection.end();
  }

  #schedule(): void {
    if (this.#flushScheduled || this.#congested) return;
    this.#flushScheduled = true;
    queueMicrotask(() => {
      this.#flushScheduled = false;
      if (!this.#congested) this.flush();
    });
  }

  #writeHeader(type: number, flags: number, streamId: number, length: number): void {
    this.#reserve(HEADER_BYTES);
    const header = this.#header;
    header.type = type;
    header.flags = flags;
    header.streamId = streamId;
    header.length = length;
    writeHeader(this.#buffer, this.#bufferEnd, header);
    this.#bufferEnd += HEADER_BYTES;
  }

  /** Writes as many waiting bytes as the socket takes. `gone`: the connection has ended. */
  #send(): "all" | "full" | "gone" {
    this.#cutBuffer();
    let sent = 0;
    for (const segment of this.#segments) {
      const taken = this.#connection.write(segment);
      if (taken < 0) return "gone";
      this.#segmentBytes -= taken;
      if (taken < segment.length) {
        this.#segments[sent] = segment.subarray(taken);
        break;
      }
      sent++;
    }
    this.#congested = sent < this.#segments.length;
    if (this.#congested) {
      this.#segments.splice(0, sent);
      return "full";
    }
    this.#segments.length = 0;
    this.#bufferStart = 0;
    this.#bufferEnd = 0;
    return "all";
  }

  /** Makes room in the buffer; when it is full, its unsent bytes become a segment. */
  #reserve(length: number): void {
    if (this.#bufferEnd + length <= this.#buffer.length) return;
    this.#cutBuffer();
    this.#buffer = new Uint8Array(OUTPUT_BUFFER_BYTES);
    this.#bufferStart = 0;
    this.#bufferEnd = 0;
    if (this.#segmentBytes > MAX_OUTPUT_BYTES && this.#congested)
      queueMicrotask(() => this.#listener.overflow());
  }

  #cutBuffer(): void {
    if (this.#bufferStart === this.#bufferEnd) return;
    this.#segments.push(this.#buffer.subarray(this.#bufferStart, this.#bufferEnd));
    this.#segmentBytes += this.#bufferEnd - this.#bufferStart;
    this.#bufferStart = this.#bufferEnd;
  }
}

/**
 * Returns the first element. Runs for every frame written, nearly always on an empty set: an iterator would cost more
 * than the frame.
 */
function first(set: Set<Stream>): Stream | undefined {
  return set.size === 0 ? undefined : set.values().next().value;
}
