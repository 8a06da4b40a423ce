import { edenGC, fullGC, heapSize } from "bun:jsc";

/**
 * Runs a full garbage collection each time the heap has grown by 16 MB, so that the garbage of a long load does not
 * pile up.
 *
 * JavaScriptCore promotes objects that survive a few small collections, and checks promoted objects again only when
 * the heap reaches about five times the 20 MB that this product holds. Measured in a burst of 2,000 chat messages:
 * the heap grew from 20 to 97 MB and the process to 263 MB; with these collections they stay at 45 and 195 MB. There
 * was one collection per 700 messages or so, each of 47 to 182 ms on a busy machine; the burst took no more processor
 * time in total.
 */
export class PacedHeap {
  readonly #size: () => number;
  readonly #collect: () => unknown;
  /** Size after the last collection, or the smallest size seen since. */
  #floor: number;

  constructor(size: () => number = heapSize, collect: () => unknown = fullGC) {
    this.#size = size;
    this.#collect = collect;
    this.#floor = size();
  }

  everySecond(): void {
    const size = this.#size();
    this.#floor = Math.min(this.#floor, size);
    // The limit grows with the heap, so that a process with a large heap does not spend its time on collections.
    if (size - this.#floor < Math.max(ROOM_BYTES, this.#floor / 2)) return;
    this.#collect();
    this.#floor = this.#size();
  }
}

const ROOM_BYTES = 16 * 1024 * 1024;

/**
 * Frees the buffers of a file that streams through in parts: runs a small (eden) collection after every 4 MB, without
 * measuring the heap.
 */
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

/** Frees the memory of a part without waiting for the collector. Call it only when nothing else uses its buffer. */
export function free(part: Uint8Array): void {
  const buffer = part.buffer as ArrayBuffer;
  // A small part may be a view of a larger buffer. The buffer of a cipher's output has a few bytes to spare.
  if (buffer.byteLength - part.byteLength <= SPARE_BYTES) buffer.transfer(0);
}

const SPARE_BYTES = 16;
