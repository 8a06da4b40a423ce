/** Our streams that the peer has not accepted yet, and those that wait for a place among them. */

import { classWithoutFtl } from "../engine/tiers.ts";
import { ConnectionLost } from "./errors.ts";
import { PATIENT_OPENING_MS } from "./limits.ts";
import type { Stream } from "./stream.ts";

export class Openings {
  static {
    classWithoutFtl(Openings);
  }

  readonly #places: number;
  #taken = 0;
  /** Streams whose SYN was sent, in this order, and for which nothing came back yet. */
  readonly #unaccepted = new Set<Stream>();
  /** Opened while all places were taken, in order; they go out as places become free. */
  readonly #waiting = new Map<Stream, { since: number; until: number }>();
  /** The same streams as a stack; it may contain some that no longer wait. */
  #newest: Stream[] = [];

  constructor(places: number) {
    this.#places = places;
  }

  get isFull(): boolean {
    return this.#taken >= this.#places;
  }

  take(): void {
    this.#taken++;
  }

  wait(stream: Stream, withinMs: number): void {
    const since = performance.now();
    this.#waiting.set(stream, { since, until: since + withinMs });
    this.#newest.push(stream);
  }

  /** Called when the SYN of the stream has been sent. */
  sent(stream: Stream): void {
    this.#unaccepted.add(stream);
  }

  /**
   * The peer accepts streams in the order of their SYNs, so the streams before this one free their places too.
   * hashicorp/yamux sends nothing, for seconds, for a stream whose FIN came before it was accepted and that nobody
   * reads: without this, a few hundred of them would keep every later stream waiting.
   */
  acceptedUpTo(last: Stream): void {
    for (const stream of this.#unaccepted) {
      this.#unaccepted.delete(stream);
      this.#taken--;
      stream.opened();
      if (stream === last) break;
    }
    this.#admitWaiting();
  }

  /** Called when a stream has ended before the peer accepted it. */
  gaveUp(stream: Stream): void {
    this.#unaccepted.delete(stream);
    this.#taken--;
    this.#admitWaiting();
  }

  forget(stream: Stream): void {
    if (this.#waiting.size > 0) this.#waiting.delete(stream);
  }

  #admitWaiting(): void {
    if (this.#waiting.size === 0) return;
    const now = performance.now();
    for (const [stream, { until }] of this.#waiting) {
      if (now <= until) break;
      this.#waiting.delete(stream);
      stream.fail(new ConnectionLost("the stream could not be opened in time"));
    }
    while (!this.isFull) {
      const stream = this.#next(now);
      if (!stream) break;
      this.#waiting.delete(stream);
      this.#taken++;
      stream.admit();
    }
    if (this.#waiting.size === 0) this.#newest = [];
  }

  /**
   * Picks the oldest waiting stream, or the newest once the oldest has waited for 4 s. With a peer that slow,
   * first-in first-out would give each stream its place just before its time is over, which helps none of them.
   */
  #next(now: number): Stream | undefined {
    for (const [oldest, { since }] of this.#waiting) {
      if (now - since < PATIENT_OPENING_MS) return oldest;
      break;
    }
    for (;;) {
      const newest = this.#newest.pop();
      if (!newest || this.#waiting.has(newest)) return newest;
    }
  }
}
