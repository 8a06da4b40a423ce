/** Something with time limits that is checked once a second. */
export interface Watched {
  everySecond(): void;
}

/**
 * One timer for all time limits, so that a limit costs a number instead of a timer.
 *
 * Seconds in which this process was paused are not counted. When a machine wakes up after a minute, the bytes that
 * the other process sent in that minute are read before any limit ends a call.
 */
export class Seconds {
  /** Seconds counted so far. */
  now = 0;
  readonly #watched = new Set<Watched>();
  #timer: ReturnType<typeof setInterval> | null = null;

  watch(watched: Watched): void {
    this.#watched.add(watched);
    this.#timer ??= this.start();
  }

  unwatch(watched: Watched): void {
    this.#watched.delete(watched);
  }

  /** Resolves at the next second. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      const once: Watched = {
        everySecond: () => {
          this.unwatch(once);
          resolve();
        },
      };
      this.watch(once);
    });
  }

  /** Counts one second and runs all checks. */
  tick(): void {
    this.now++;
    for (const watched of [...this.#watched]) watched.everySecond();
  }

  /** Creates a clock without a timer, for tests that call `tick`. */
  static byHand(): Seconds {
    const seconds = new Seconds();
    seconds.start = () => null;
    return seconds;
  }

  private start(): ReturnType<typeof setInterval> | null {
    const timer = setInterval(() => this.tick(), 1000);
    timer.unref();
    return timer;
  }
}

/** The clock of this process. */
export const processSeconds = new Seconds();
