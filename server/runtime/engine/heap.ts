import { edenGC, fullGC, heapSize } from "bun:jsc";

/**
 * Keeps the garbage of a long load from adding up.
 *
 * What outlives a few small collections is promoted, and JavaScriptCore looks at promoted objects again only when the
 * heap is about five times the 20 MB that this product holds: in a burst of 2,000 chat messages it went from 20 to
 * 97 MB, and the process to 263 MB. With a full collection for each 16 MB it stays at 45 and 195. One came after some
 * 700 messages and took 47 to 182 ms on a busy machine; the burst needs no more of the processor than before.
 */
export class PacedHeap {
  readonly #size: () => number;
  readonly #collect: () => unknown;
  /** After the last collection, or the smallest size since. */
  #floor: number;

  constructor(size: () => number = heapSize, collect: () => unknown = fullGC) {
    this.#size = size;
    this.#collect = collect;
    this.#floor = size();
  }

  everySecond(): void {
    const size = this.#size();
    this.#floor = Math.min(this.#floor, size);
    // In proportion, so that a process with a large heap does not spend its time on collections.
    if (size - this.#floor < Math.max(ROOM_BYTES, this.#floor / 2)) return;
    this.#collect();
    this.#floor = this.#size();
  }
}

const ROOM_BYTES = 16 * 1024 * 1024;

/** Of a file that goes through in parts: after so many bytes what is left of them is collected, without looking further. */
export class PartsPassed {
  #bytes = 0;

  count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < PARTS_BYTES) return;
    this.#bytes = 0;
    edenGC();
  }
}

const PARTS_BYTES = 4 * 1024 * 1024;

/** Gives the memory of a part back without waiting for the collector. Only where nothing else uses its buffer. */
export function free(part: Uint8Array): void {
  const buffer = part.buffer as ArrayBuffer;
  // A small part may be a view of something larger. A cipher's output has a byte to spare.
  if (buffer.byteLength - part.byteLength <= SPARE_BYTES) buffer.transfer(0);
}

const SPARE_BYTES = 16;
