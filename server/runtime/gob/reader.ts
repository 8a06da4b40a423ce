import { ProtocolError } from "./errors.ts";
import { noBytes } from "./types.ts";

/**
 * Reads gob's basic values from the bytes of one message.
 *
 *   uint     n < 128:  ┌───┐    else  ┌──────────────┬─────────────────────────┐
 *                      │ n │          │ 256 - length │ length bytes, big endian │
 *                      └───┘          └──────────────┴─────────────────────────┘
 *   int      uint u:   u even: u / 2      u odd: -(u + 1) / 2
 *   bool     uint:     0 or 1
 *   float    uint:     the eight bytes of a float64, reversed (17.0 = fe 31 40)
 *   bytes, string      ┌──────────────┬───────┐
 *                      │ length: uint │ bytes │
 *                      └──────────────┴───────┘
 *
 * Go package encoding/gob, "Encoding Details".
 */
export class Reader {
  protected buffer: Buffer = Buffer.alloc(0);
  protected pos = 0;
  /** The end of the message. */
  protected end = 0;

  get remaining(): number {
    return this.end - this.pos;
  }

  uint(): number | bigint {
    if (this.pos >= this.end) throw truncated();
    const first = this.buffer[this.pos++] as number;
    return first < 0x80 ? first : this.longUint(first);
  }

  int(): number | bigint {
    if (this.pos >= this.end) throw truncated();
    const first = this.buffer[this.pos++] as number;
    const u = first < 0x80 ? first : this.longUint(first);
    if (typeof u === "bigint") return narrow(u & 1n ? -(u >> 1n) - 1n : u >> 1n);
    return u % 2 === 0 ? u / 2 : -(u + 1) / 2;
  }

  /** Reads a uint that is a count or a number of something: at most 2^53. */
  count(): number {
    if (this.pos >= this.end) throw truncated();
    const first = this.buffer[this.pos++] as number;
    const u = first < 0x80 ? first : this.longUint(first);
    if (typeof u === "bigint") throw new ProtocolError("gob: a count beyond 2^53");
    return u;
  }

  /** Reads an int that is a type id: negative before a definition. */
  typeId(): number {
    const id = this.int();
    if (typeof id === "bigint" || id === 0) throw new ProtocolError(`gob: type id ${id}`);
    return id;
  }

  bool(): boolean {
    const u = this.uint();
    if (u !== 0 && u !== 1) throw new ProtocolError("gob: a bool other than 0 and 1");
    return u === 1;
  }

  float(): number {
    const first = this.byte();
    if (first < 0x80) {
      reversed.fill(0);
      reversed[0] = first;
      return asFloat.getFloat64(0);
    }
    const size = this.sizeOfLong(first);
    // The bytes of the uint, last one first, are the bytes of the float from its sign on.
    for (let i = 0; i < 8; i++) reversed[i] = i < size ? (this.buffer[this.pos + size - 1 - i] as number) : 0;
    this.pos += size;
    return asFloat.getFloat64(0);
  }

  string(): string {
    const length = this.length();
    const start = this.pos;
    this.pos = start + length;
    return length === 0 ? "" : this.buffer.toString("utf8", start, start + length);
  }

  /** Returns a copy, because the buffer is reused for the next message. */
  bytes(): Uint8Array {
    const length = this.length();
    const start = this.pos;
    this.pos = start + length;
    return length === 0 ? noBytes : new Uint8Array(this.buffer.subarray(start, start + length));
  }

  skipBytes(): void {
    const length = this.length();
    this.pos += length;
  }

  skipUint(): void {
    const first = this.byte();
    if (first >= 0x80) this.pos += this.sizeOfLong(first);
  }

  private byte(): number {
    if (this.pos >= this.end) throw truncated();
    return this.buffer[this.pos++] as number;
  }

  private length(): number {
    const length = this.count();
    if (length > this.end - this.pos) throw truncated();
    return length;
  }

  private sizeOfLong(first: number): number {
    const size = 0x100 - first;
    if (size > 8) throw new ProtocolError(`gob: a uint of ${size} bytes`);
    if (size > this.end - this.pos) throw truncated();
    return size;
  }

  private longUint(first: number): number | bigint {
    const size = this.sizeOfLong(first);
    const { buffer, pos } = this;
    this.pos = pos + size;
    if (size <= 6) {
      let u = 0;
      for (let i = 0; i < size; i++) u = u * 0x100 + (buffer[pos + i] as number);
      return u;
    }
    let u = 0n;
    for (let i = 0; i < size; i++) u = (u << 8n) | BigInt(buffer[pos + i] as number);
    return narrow(u);
  }
}

/** Returns a number when it is exact, else a bigint. */
function narrow(u: bigint): number | bigint {
  return u <= maxSafe && u >= -maxSafe ? Number(u) : u;
}

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

function truncated(): ProtocolError {
  return new ProtocolError("gob: a value runs over the end of its message");
}

const reversed = new Uint8Array(8);
const asFloat = new DataView(reversed.buffer);
