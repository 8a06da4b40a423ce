/**
 * Writes messages of gob's basic values (Reader draws their layout). It checks nothing: that is the encoder's job.
 */
export class Writer {
  private buffer = Buffer.allocUnsafeSlow(initialBytes);
  private pos = 0;
  /** Where the body of the message begins. */
  private start = 0;

  /** Drops all messages. */
  reset(): void {
    this.pos = 0;
    // One large message must not keep its memory for ever.
    if (this.buffer.length > keptBytes) this.buffer = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Begins a message. */
  begin(): void {
    this.grow(maxUintBytes);
    this.start = this.pos + maxUintBytes;
    this.pos = this.start;
  }

  /** Bytes of the message so far, without its length. */
  get size(): number {
    return this.pos - this.start;
  }

  /**
   * Returns the message: its length as a uint, then everything written. It is a view that is valid until the next
   * reset.
   */
  message(): Uint8Array {
    const end = this.pos;
    const size = end - this.start;
    const head = this.start - sizeOfUint(size);
    this.pos = head;
    this.uint(size);
    this.pos = end;
    return this.buffer.subarray(head, end);
  }

  /** Reserves room for the byte count of what follows, until close. */
  open(): number {
    this.grow(1);
    return this.pos++;
  }

  /** Writes the number of bytes since open. */
  close(mark: number): void {
    const from = mark + 1;
    const size = this.pos - from;
    const prefix = sizeOfUint(size);
    if (prefix > 1) {
      this.grow(prefix);
      this.buffer.copyWithin(mark + prefix, from, this.pos);
    }
    this.pos = mark;
    this.uint(size);
    this.pos += size;
  }

  uint(u: number): void {
    if (this.pos + maxUintBytes > this.buffer.length) this.grow(maxUintBytes);
    if (u < 0x80) {
      this.buffer[this.pos++] = u;
      return;
    }
    const size = sizeOfUint(u) - 1;
    this.buffer[this.pos] = 0x100 - size;
    let rest = u;
    for (let at = this.pos + size; at > this.pos; at--) {
      this.buffer[at] = rest % 0x100;
      rest = Math.floor(rest / 0x100);
    }
    this.pos += size + 1;
  }

  bigUint(u: bigint): void {
    if (u <= maxSafe) {
      this.uint(Number(u));
      return;
    }
    this.grow(maxUintBytes);
    const size = u < 1n << 56n ? 7 : 8;
    this.buffer[this.pos] = 0x100 - size;
    let rest = u;
    for (let at = this.pos + size; at > this.pos; at--) {
      this.buffer[at] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    this.pos += size + 1;
  }

  int(i: number): void {
    if (i >= 0 && i <= maxHalf) this.uint(i * 2);
    else if (i < 0 && i >= -maxHalf) this.uint(-i * 2 - 1);
    else this.bigInt(BigInt(i));
  }

  bigInt(i: bigint): void {
    this.bigUint(i < 0n ? (~i << 1n) | 1n : i << 1n);
  }

  bool(b: boolean): void {
    this.uint(b ? 1 : 0);
  }

  float(f: number): void {
    asFloat.setFloat64(0, f);
    let size = 8;
    while (size > 0 && reversed[size - 1] === 0) size--;
    this.grow(maxUintBytes);
    if (size === 0 || (size === 1 && (reversed[0] as number) < 0x80)) {
      this.buffer[this.pos++] = reversed[0] as number;
      return;
    }
    this.buffer[this.pos++] = 0x100 - size;
    for (let i = size - 1; i >= 0; i--) this.buffer[this.pos++] = reversed[i] as number;
  }

  /** Writes a string; lone surrogates become U+FFFD. */
  string(s: string): void {
    const units = s.length;
    this.grow(units * 3 + maxUintBytes);
    const { buffer } = this;
    if (units < shortString) {
      // Most strings are short ASCII (ids, methods), for which a loop is faster than a call into the runtime.
      let at = this.pos + 1;
      let i = 0;
      for (; i < units; i++) {
        const code = s.charCodeAt(i);
        if (code >= 0x80) break;
        buffer[at++] = code;
      }
      if (i === units) {
        buffer[this.pos] = units;
        this.pos = at;
        return;
      }
    }
    const guess = sizeOfUint(units);
    const size = buffer.write(s, this.pos + guess, units * 3, "utf8");
    const prefix = sizeOfUint(size);
    if (prefix !== guess) buffer.copyWithin(this.pos + prefix, this.pos + guess, this.pos + guess + size);
    this.uint(size);
    this.pos += size;
  }

  bytes(b: Uint8Array): void {
    this.uint(b.length);
    this.raw(b);
  }

  raw(b: Uint8Array): void {
    this.grow(b.length);
    this.buffer.set(b, this.pos);
    this.pos += b.length;
  }

  private grow(more: number): void {
    const needed = this.pos + more;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.pos);
    this.buffer = larger;
  }
}

const maxUintBytes = 9;
const initialBytes = 4096;
const keptBytes = 256 * 1024;
/** Below 0x80, so that the length takes one byte. */
const shortString = 48;

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);
const maxHalf = (Number.MAX_SAFE_INTEGER - 1) / 2;

function sizeOfUint(u: number): number {
  if (u < 0x80) return 1;
  if (u < 0x100) return 2;
  if (u < 0x1_0000) return 3;
  if (u < 0x100_0000) return 4;
  if (u < 0x1_0000_0000) return 5;
  if (u < 0x100_0000_0000) return 6;
  if (u < 0x1_0000_0000_0000) return 7;
  return 8;
}

const reversed = new Uint8Array(8);
const asFloat = new DataView(reversed.buffer);
