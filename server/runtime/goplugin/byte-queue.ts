import { classWithoutFtl } from "../engine/tiers.ts";

/** Copying a part below this size is cheaper than keeping it as an object. */
const SMALL_BYTES = 2 * 1024;
const BLOCK_BYTES = 16 * 1024;

/**
 * Bytes that wait, in the order they came. Large parts are kept as they are, small ones are gathered in blocks:
 * a peer that sends a window full byte by byte must not cost us an object for each.
 */
export class ByteQueue {
  static {
    classWithoutFtl(ByteQueue);
  }

  #parts: Uint8Array[] = [];
  /** The block the last part is a view of, when it is one of ours. */
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

  /** The next part, as it is convenient. */
  shift(): Uint8Array | undefined {
    const part = this.#parts.shift();
    if (this.#parts.length === 0) this.#block = null;
    this.#length -= part?.length ?? 0;
    return part;
  }

  /** Exactly `length` bytes, in as many parts as they are. */
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
