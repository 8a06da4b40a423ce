import { edenGC, fullGC } from "bun:jsc";
import {
  AFTER_LONG_COLLECTION_MS,
  BUSY_BYTES,
  BUSY_MS,
  LONG_COLLECTION_MS,
  QUIET_BYTES_PER_SECOND,
  SHRINK_AFTER_QUIET_SECONDS,
  SMALL_BYTES,
  WORTH_COLLECTING_BYTES,
  WORTH_SHRINKING_BYTES,
} from "./limits.ts";
import type { Session } from "./session.ts";

/** Bun's memory functions. */
interface Memory {
  gc(force: true): void;
  collectYoung(): void;
  collectAll(): void;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
  shrink(): void;
  /** Bytes. 0 when they cannot be read: the process then looks small, and is left alone. */
  resident(): number;
}

const bun: Memory = {
  gc: (force) => Bun.gc(force),
  collectYoung: () => void edenGC(),
  collectAll: () => void fullGC(),
  now: () => performance.now(),
  shrink: () => Bun.shrink(),
  resident,
};

/** Costs one read of /proc. Throws nothing, because a load may use every file that the process can open. */
function resident(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}

/**
 * Keeps the process small under a load, and gives memory back to the system when the load is over.
 *
 * Under a load, the engine lets some 40 MB of garbage come together between two collections, because the machine has
 * memory. So young objects are collected every 100 ms, which takes 4 ms each time, and every tenth time all objects,
 * which takes 25 ms. The trigger is the number of received bytes: waiting until the process has grown by 2 MB costs
 * 17 MB at the peak and saves no processor time. A small process is left to the engine, because collections would cost
 * requests that are answered in 0.2 ms some 5 %.
 *
 * Where many objects live, a full collection takes longer than a request may wait: 70 ms with 3,000 calendars, several
 * times that on a busy machine. After a collection that long, full collections are left to the engine and to PacedHeap
 * (engine/heap.ts), which waits until the heap has grown by half.
 *
 * After a load, Bun collects only when the program allocates, so nothing would free what a busy hour left behind. There
 * are two steps, because the second has a price:
 *
 *   1 s of quiet    a full collection: some 20 ms, in a second without requests
 *   10 s of quiet   a collection and Bun.shrink, both twice: this drops compiled code too, so the next few hundred calls take
 *                   0.1 ms longer. Runs only when the process holds more than after the last time
 *
 * The trigger of the second step is what the process holds, not what it received: 5 MB of requests can leave 30 MB. The
 * second round is needed because it returns what the first one freed. docs/performance.md has the figures.
 */
export function keepMemorySmall(
  session: Pick<Session, "receivedBytes" | "closed">,
  memory: Memory = bun,
): void {
  const idle = new Idle(session, memory);
  const busy = new Busy(session, memory);
  const timer = setInterval(() => {
    if (idle.second()) busy.stop();
    else busy.start();
  }, 1000);
  timer.unref();
  session.closed.then(() => {
    clearInterval(timer);
    busy.stop();
  });
}

type Traffic = Pick<Session, "receivedBytes">;

/** Collects while there is traffic. Its timer runs only then, so a process at rest is not woken. */
class Busy {
  readonly #session: Traffic;
  readonly #memory: Memory;
  #timer: ReturnType<typeof setInterval> | null = null;
  #received = 0;
  #collections = 0;
  #onlyYoungUntil = 0;

  constructor(session: Traffic, memory: Memory) {
    this.#session = session;
    this.#memory = memory;
  }

  start(): void {
    if (this.#timer) return;
    this.#received = this.#session.receivedBytes;
    this.#timer = setInterval(() => this.#turn(), BUSY_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  #turn(): void {
    if (this.#session.receivedBytes < this.#received + BUSY_BYTES) return;
    this.#received = this.#session.receivedBytes;
    if (this.#memory.resident() < SMALL_BYTES) return;
    this.#collections += 1;
    if (this.#collections % 10 === 0 && this.#memory.now() >= this.#onlyYoungUntil) this.#collectAll();
    else this.#memory.collectYoung();
  }

  #collectAll(): void {
    const started = this.#memory.now();
    this.#memory.collectAll();
    const ended = this.#memory.now();
    if (ended - started > LONG_COLLECTION_MS) this.#onlyYoungUntil = ended + AFTER_LONG_COLLECTION_MS;
  }
}

class Idle {
  readonly #session: Traffic;
  readonly #memory: Memory;
  #received = 0;
  #quietSeconds = 0;
  #sinceCollection = 0;
  #held: number;
  #again = false;

  constructor(session: Traffic, memory: Memory) {
    this.#session = session;
    this.#memory = memory;
    this.#held = memory.resident();
  }

  /** Once a second. Answers whether the second was quiet. */
  second(): boolean {
    const news = this.#session.receivedBytes - this.#received;
    this.#received += news;
    this.#sinceCollection += news;
    this.#quietSeconds = news < QUIET_BYTES_PER_SECOND ? this.#quietSeconds + 1 : 0;
    if (this.#quietSeconds >= SHRINK_AFTER_QUIET_SECONDS) this.#shrinkIfWorth();
    else if (this.#quietSeconds >= 1 && this.#sinceCollection >= WORTH_COLLECTING_BYTES) {
      this.#sinceCollection = 0;
      this.#memory.gc(true);
    }
    return this.#quietSeconds > 0;
  }

  #shrinkIfWorth(): void {
    if (!this.#again && this.#memory.resident() <= this.#held + WORTH_SHRINKING_BYTES) return;
    this.#again = !this.#again;
    this.#sinceCollection = 0;
    this.#memory.gc(true);
    this.#memory.shrink();
    this.#held = this.#memory.resident();
  }
}
