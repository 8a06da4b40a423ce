/** What waits for the socket: frames in one buffer, and large bodies beside it without a copy. */

import { classWithoutFtl } from "../engine/tiers.ts";
import { HEADER_BYTES, type Header, writeHeader } from "./frame.ts";
import { MAX_OUTPUT_BYTES, OUTPUT_BUFFER_BYTES, OUTPUT_HIGH_WATER_BYTES, SCATTER_BYTES } from "./limits.ts";

/** The connection below a session (a unix socket). The owner calls `receive`, `drained` and `disconnected`. */
export interface Connection {
  /** Takes as many bytes as fit now and says how many; after a short write `drained` tells when to go on. */
  write(bytes: Uint8Array): number;
  /** Closes it; bytes already taken are still sent. */
  end(): void;
}

export class Output {
  static {
    classWithoutFtl(Output);
  }

  /** More waits than a peer that reads would leave. */
  onOverflow: () => void = () => {};

  readonly #connection: Connection;
  readonly #header: Header = { type: 0, flags: 0, streamId: 0, length: 0 };
  // Segments that wait, then the unsent part of the buffer.
  #buffer = new Uint8Array(OUTPUT_BUFFER_BYTES);
  #bufferStart = 0;
  #bufferEnd = 0;
  #segments: Uint8Array[] = [];
  #segmentBytes = 0;
  #congested = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The socket took less than it was given, and has no room yet. */
  get congested(): boolean {
    return this.#congested;
  }

  /** Bodies wait in their streams. */
  get isFull(): boolean {
    return this.#congested || this.#segmentBytes >= OUTPUT_HIGH_WATER_BYTES;
  }

  header(type: number, flags: number, streamId: number, length: number): void {
    this.#reserve(HEADER_BYTES);
    const header = this.#header;
    header.type = type;
    header.flags = flags;
    header.streamId = streamId;
    header.length = length;
    writeHeader(this.#buffer, this.#bufferEnd, header);
    this.#bufferEnd += HEADER_BYTES;
  }

  body(parts: readonly Uint8Array[]): void {
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
  }

  /** Writes what waits, as far as the socket takes it. `gone`: the connection has ended. */
  send(): "all" | "full" | "gone" {
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

  /** Nothing more is sent. */
  end(): void {
    this.#segments = [];
    this.#connection.end();
  }

  /** Makes room in the buffer; its unsent bytes become a segment when it is full. */
  #reserve(length: number): void {
    if (this.#bufferEnd + length <= this.#buffer.length) return;
    this.#cutBuffer();
    this.#buffer = new Uint8Array(OUTPUT_BUFFER_BYTES);
    this.#bufferStart = 0;
    this.#bufferEnd = 0;
    if (this.#segmentBytes > MAX_OUTPUT_BYTES && this.#congested) queueMicrotask(this.onOverflow);
  }

  #cutBuffer(): void {
    if (this.#bufferStart === this.#bufferEnd) return;
    this.#segments.push(this.#buffer.subarray(this.#bufferStart, this.#bufferEnd));
    this.#segmentBytes += this.#bufferEnd - this.#bufferStart;
    this.#bufferStart = this.#bufferEnd;
  }
}
