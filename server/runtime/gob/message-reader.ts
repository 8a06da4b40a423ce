/** The messages of a stream: bytes as they arrive, in a buffer that holds one value at a time. */

import { ProtocolError, UnreadableValue } from "./errors.ts";
import type { Limits } from "./limits.ts";
import { Reader } from "./reader.ts";

/** The bytes of the next value have not all arrived. */
export const INCOMPLETE: unique symbol = Symbol("incomplete");
/** The value was written to the given spill. */
export const SPILLED: unique symbol = Symbol("spilled");

/** Receives the message of a large value as it arrives, so that memory never holds it. `write` must not throw. */
export interface Spill {
  /** Messages smaller than this are read as usual. */
  readonly fromBytes: number;
  write(bytes: Uint8Array): void;
}

/** Steps from message to message. A large one may go to a spill, or is dropped as it comes. */
export class MessageReader extends Reader {
  protected readonly limits: Limits;
  /** Number of bytes that have arrived. */
  protected filled = 0;
  /** Number of bytes that must have arrived before the next attempt makes sense. */
  private needed = 0;
  /** Where the value being read begins. */
  protected begin = 0;
  /** The value being read is a header. */
  protected isHeader = false;
  /** Bytes still to come of a message that is too large to keep, or that goes to `spill`. */
  private toDrop = 0;
  /** Receives the current message. */
  protected spill: Spill | null = null;
  protected offered: Spill | null = null;

  constructor(limits: Limits) {
    super();
    this.limits = limits;
  }

  get isMidValue(): boolean {
    return this.filled > this.pos || this.toDrop > 0;
  }

  header(isHeader: boolean): void {
    this.isHeader = isHeader;
  }

  push(all: Uint8Array): void {
    let chunk = all;
    if (this.toDrop > 0) {
      const dropped = Math.min(this.toDrop, all.length);
      this.toDrop -= dropped;
      this.spill?.write(all.subarray(0, dropped));
      chunk = all.subarray(dropped);
    }
    const left = this.filled - this.pos;
    if (left === 0 || this.filled + chunk.length > this.buffer.length) {
      // Reserves as much as was announced, so that a large message is not copied repeatedly, but only in proportion
      // to what has arrived: announcing a size costs the peer nothing.
      const size = left + chunk.length;
      this.makeRoom(Math.max(size, Math.min(this.needed - this.pos, size * 8)));
    }
    this.buffer.set(chunk, this.filled);
    this.filled += chunk.length;
  }

  /** Moves the unread bytes to the start of a buffer of at least `size` bytes: the same buffer when that is cheap. */
  private makeRoom(size: number): void {
    const { buffer, pos, filled } = this;
    const reuse = pos === filled ? buffer.length <= keptBytes : pos > buffer.length / 2;
    if (!reuse || size > buffer.length) {
      const capacity = size > keptBytes ? size : 2 ** Math.ceil(Math.log2(size));
      this.buffer = Buffer.allocUnsafeSlow(Math.max(initialBytes, capacity));
    }
    buffer.copy(this.buffer, 0, pos, filled);
    if (buffer !== this.buffer) free(buffer);
    this.needed -= pos;
    this.filled -= pos;
    this.pos = 0;
  }

  /** Frees the memory after the stream has failed. */
  release(): void {
    free(this.buffer);
    this.buffer = Buffer.alloc(0);
    this.pos = 0;
    this.filled = 0;
  }

  /** Enters the next message; returns false when it has not fully arrived. */
  protected message(): boolean {
    if (this.filled < this.needed || this.toDrop > 0) return false;
    const { pos } = this;
    if (pos === this.filled) return this.awaits(1);
    const first = this.buffer[pos] as number;
    const head = first < 0x80 ? 1 : 1 + 0x100 - first;
    if (head > 9) throw new ProtocolError("gob: a message length of more than 8 bytes");
    if (pos + head > this.filled) return this.awaits(head);
    this.end = pos + head;
    const length = this.count();
    if (length === 0) throw new ProtocolError("gob: an empty message");
    const end = this.pos + length;
    const { maxMessageBytes } = this.limits;
    if (this.offered && length >= this.offered.fromBytes && pos === this.begin && length <= goMaxMessageBytes)
      return this.divert(this.offered, end);
    if (this.isHeader && length > headerBytes) throw new ProtocolError(`gob: a header of ${length} bytes`);
    if (length > maxMessageBytes || end - this.begin > maxMessageBytes + head) {
      if (pos === this.begin && length <= goMaxMessageBytes) this.drop(end);
      throw new ProtocolError(`gob: a value of more than ${maxMessageBytes} bytes`);
    }
    if (end > this.filled) {
      this.pos = pos;
      return this.awaits(head + length);
    }
    this.end = end;
    return true;
  }

  private divert(spill: Spill, end: number): false {
    const here = Math.min(end, this.filled);
    if (here > this.pos) spill.write(this.buffer.subarray(this.pos, here));
    this.spill = spill;
    this.toDrop = end - here;
    this.pos = here;
    this.needed = 0;
    if (this.pos === this.filled) this.dropBuffer();
    return false;
  }

  protected endOfSpill(): typeof INCOMPLETE | typeof SPILLED {
    if (this.toDrop > 0) return INCOMPLETE;
    this.spill = null;
    return SPILLED;
  }

  /** Drops the bytes of a message as they arrive, after reading only its length: the stream stays in step. */
  private drop(end: number): never {
    const { maxMessageBytes } = this.limits;
    this.toDrop = Math.max(0, end - this.filled);
    this.pos = Math.min(end, this.filled);
    this.needed = 0;
    if (this.pos === this.filled) this.dropBuffer();
    throw new UnreadableValue(`gob: a value of more than ${maxMessageBytes} bytes`);
  }

  /** Frees the bytes of a large value as soon as it was read. */
  protected dropLarge(): void {
    if (this.pos === this.filled && this.buffer.length > keptBytes) this.dropBuffer();
  }

  private dropBuffer(): void {
    free(this.buffer);
    this.buffer = Buffer.alloc(0);
    this.needed -= this.pos;
    this.pos = 0;
    this.filled = 0;
  }

  private awaits(bytes: number): false {
    this.needed = this.pos + bytes;
    return false;
  }
}

/** Frees the memory of a large buffer without waiting for the garbage collector. Small ones are left to it. */
function free(buffer: Buffer): void {
  if (buffer.length > keptBytes) (buffer.buffer as ArrayBuffer).transfer(0);
}

/** Large enough for net/rpc's Response with the text of an error. */
const headerBytes = 1024 * 1024;
/** encoding/gob itself accepts no larger message (tooBig). */
const goMaxMessageBytes = 1024 * 1024 * 1024;
/** Most streams belong to one HTTP request and carry a few hundred bytes. */
const initialBytes = 512;
/** A buffer larger than this is not kept after the message that needed it. */
const keptBytes = 256 * 1024;
