/** Finds the frames in the bytes of a connection, wherever those were cut. */

import { classWithoutFtl } from "../engine/tiers.ts";
import { DATA, HEADER_BYTES, type Header, readHeader } from "./frame.ts";

export interface FrameListener {
  /** Nothing more is read. */
  readonly isClosed: boolean;
  /** The header is the same object each time. */
  header(header: Header): void;
  /** A part of the body of the last data frame. */
  body(bytes: Uint8Array): void;
  /** The body of the last data frame is complete. */
  bodyEnd(): void;
}

export class FrameReader {
  static {
    classWithoutFtl(FrameReader);
  }

  readonly #listener: FrameListener;
  readonly #header: Header = { type: 0, flags: 0, streamId: 0, length: 0 };
  // One partly read header, or one partly read body.
  readonly #partialHeader = new Uint8Array(HEADER_BYTES);
  #partialHeaderLength = 0;
  #bodyLeft = 0;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  read(chunk: Uint8Array): void {
    const end = chunk.length;
    let at = 0;
    while (at < end && !this.#listener.isClosed) {
      if (this.#bodyLeft > 0) {
        const length = Math.min(this.#bodyLeft, end - at);
        this.#bodyLeft -= length;
        this.#listener.body(at === 0 && length === end ? chunk : chunk.subarray(at, at + length));
        at += length;
        if (this.#bodyLeft === 0) this.#listener.bodyEnd();
      } else if (this.#partialHeaderLength === 0 && end - at >= HEADER_BYTES) {
        readHeader(chunk, at, this.#header);
        at += HEADER_BYTES;
        this.#pass();
      } else {
        this.#partialHeader[this.#partialHeaderLength++] = chunk[at++] as number;
        if (this.#partialHeaderLength < HEADER_BYTES) continue;
        this.#partialHeaderLength = 0;
        readHeader(this.#partialHeader, 0, this.#header);
        this.#pass();
      }
    }
  }

  #pass(): void {
    const header = this.#header;
    this.#listener.header(header);
    if (header.type !== DATA) return;
    this.#bodyLeft = header.length;
    if (header.length === 0) this.#listener.bodyEnd();
  }
}
