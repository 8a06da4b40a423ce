import { classWithoutFtl } from "../engine/tiers.ts";

/** Copying a part smaller than this is cheaper than keeping it as an object. */
const SMALL_BYTES = 2 * 1024;
const BLOCK_BYTES = 16 * 1024;

/**
 * A first-in, first-out queue of bytes. Large parts are kept as they are, small ones are gathered in blocks, so that
 * a peer that sends a window byte by byte does not cost us one object per byte.
 */
export class ByteQueue {
  static {
    classWithoutFtl(ByteQueue);
  }

  #parts: Uint8Array[] = [];
  /** The block that the last part is a view of, when the queue allocated it. */
  #block: Uint8Array | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (bytes.length >= SMALL_BYTES) {
      this.#parts.push(bytes);
      this.#block = null;
      return;
    }
    const last = this.#parts.at(-1);
    const block = this.#block;
    if (last && block) {
      const end = last.byteOffset - block.byteOffset + last.length;
      if (end + bytes.length <= block.length) {
        block.set(bytes, end);
        this.#parts[this.#parts.length - 1] = block.subarray(end - last.length, end + bytes.length);
        return;
      }
    }
    this.#block = new Uint8Array(BLOCK_BYTES);
    this.#block.set(bytes);
    this.#parts.push(this.#block.subarray(0, bytes.length));
  }

  unshift(bytes: Uint8Array): void {
    this.#length += bytes.length;
    this.#parts.unshift(bytes);
    if (this.#parts.length === 1) this.#block = null;
  }

  /** Returns the next part, whatever its size. */
  shift(): Uint8Array | undefined {
    const part = this.#parts.shift();
    if (this.#parts.length === 0) this.#block = null;
    this.#length -= part?.length ?? 0;
    return part;
  }

  /** Returns exactly `length` bytes, in one or more parts. */
  take(length: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let left = length;
    let whole = 0;
    for (const part of this.#parts) {
      if (part.length > left) {
        if (left > 0) {
          taken.push(part.subarray(0, left));
          this.#parts[whole] = part.subarray(left);
        }
        break;
      }
      taken.push(part);
      left -= part.length;
      whole++;
    }
    this.#parts.splice(0, whole);
    if (this.#parts.length === 0) this.#block = null;
    this.#length -= length;
    return taken;
  }
}
