import {
  QUIET_BYTES_PER_SECOND,
  SHRINK_AFTER_QUIET_SECONDS,
  WORTH_COLLECTING_BYTES,
  WORTH_SHRINKING_BYTES,
} from "./limits.ts";
import type { Session } from "./session.ts";

/** Bun's memory functions. `resident` returns bytes and costs one read of /proc. */
interface Memory {
  gc(force: true): void;
  shrink(): void;
  resident(): number;
}

const bun: Memory = {
  gc: (force) => Bun.gc(force),
  shrink: () => Bun.shrink(),
  resident: () => process.memoryUsage.rss(),
};

/**
 * Gives memory back to the system when a load is over. Bun collects garbage only when the program allocates, so after
 * the last request of a busy hour nothing would free what that hour left behind. There are two steps, because the
 * second has a price:
 *
 *   1 s of quiet    a full collection: some 20 ms, in a second without requests
 *   10 s of quiet   a collection and Bun.shrink, both twice: this drops compiled code too, so the next few hundred calls take
 *                   0.1 ms longer. Runs only when the process holds more than after the last time
 *
 * The trigger is what the process holds, not what it received: 5 MB of requests can leave 30 MB. The second round is
 * needed because it returns what the first one freed. docs/performance.md has the figures.
 */
export function releaseMemoryWhenIdle(
  session: Pick<Session, "receivedBytes" | "closed">,
  memory: Memory = bun,
): void {
  let received = 0;
  let quietSeconds = 0;
  let sinceCollection = 0;
  let held = memory.resident();
  let again = false;

  function shrink(): void {
    memory.gc(true);
    memory.shrink();
    held = memory.resident();
  }

  const timer = setInterval(() => {
    const news = session.receivedBytes - received;
    received += news;
    sinceCollection += news;
    quietSeconds = news < QUIET_BYTES_PER_SECOND ? quietSeconds + 1 : 0;
    if (quietSeconds >= SHRINK_AFTER_QUIET_SECONDS) {
      if (again || memory.resident() > held + WORTH_SHRINKING_BYTES) {
        again = !again;
        sinceCollection = 0;
        shrink();
      }
    } else if (quietSeconds >= 1 && sinceCollection >= WORTH_COLLECTING_BYTES) {
      sinceCollection = 0;
      memory.gc(true);
    }
  }, 1000);
  timer.unref();
  session.closed.then(() => clearInterval(timer));
}
