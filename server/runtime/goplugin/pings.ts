/** Pings that wait for their answers. */

import { ConnectionLost } from "./errors.ts";
import { PING_TIMEOUT_MS } from "./limits.ts";

export class Pings {
  readonly #waiting = new Map<number, { sent: number; resolve(ms: number): void; reject(e: Error): void }>();
  #next = 0;

  /** Measures a round trip, in milliseconds. `send` writes the frame with this value. */
  measure(send: (value: number) => void): Promise<number> {
    const value = this.#next;
    this.#next = (value + 1) >>> 0;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const timer = setTimeout(() => {
      this.#waiting.delete(value);
      reject(new ConnectionLost(`no answer to a ping within ${PING_TIMEOUT_MS} ms`));
    }, PING_TIMEOUT_MS);
    const sent = performance.now();
    this.#waiting.set(value, {
      sent,
      resolve(ms) {
        clearTimeout(timer);
        resolve(ms);
      },
      reject(error) {
        clearTimeout(timer);
        reject(error);
      },
    });
    send(value);
    return promise;
  }

  answered(value: number): void {
    const ping = this.#waiting.get(value);
    this.#waiting.delete(value);
    ping?.resolve(performance.now() - ping.sent);
  }

  end(reason: Error): void {
    for (const ping of this.#waiting.values()) ping.reject(reason);
    this.#waiting.clear();
  }
}
