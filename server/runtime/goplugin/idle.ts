import {
  QUIET_BYTES_PER_SECOND,
  SHRINK_AFTER_QUIET_SECONDS,
  WORTH_COLLECTING_BYTES,
  WORTH_SHRINKING_BYTES,
} from "./limits.ts";
import type { Session } from "./session.ts";

/**
 * Gives memory back when a load is over. Bun collects when the program allocates, so after the last request of a
 * busy hour nothing frees what that hour left. Two steps, because the second has a price:
 *
 *   1 s of quiet    full collection: some 20 ms, of a second in which nobody asked for anything
 *   10 s of quiet   Bun.shrink: drops compiled code too; the next few hundred calls take 0.1 ms longer
 *
 * docs/performance.md has the figures.
 */
export function releaseMemoryWhenIdle(
  session: Pick<Session, "receivedBytes" | "closed">,
  memory: { gc(force: true): void; shrink(): void } = Bun,
): void {
  let received = 0;
  let quietSeconds = 0;
  let sinceCollection = 0;
  let sinceShrinking = 0;
  const timer = setInterval(() => {
    const news = session.receivedBytes - received;
    received += news;
    sinceCollection += news;
    sinceShrinking += news;
    quietSeconds = news < QUIET_BYTES_PER_SECOND ? quietSeconds + 1 : 0;
    if (quietSeconds >= SHRINK_AFTER_QUIET_SECONDS && sinceShrinking >= WORTH_SHRINKING_BYTES) {
      sinceShrinking = 0;
      memory.shrink();
    } else if (quietSeconds >= 1 && sinceCollection >= WORTH_COLLECTING_BYTES) {
      sinceCollection = 0;
      memory.gc(true);
    }
  }, 1000);
  timer.unref();
  session.closed.then(() => clearInterval(timer));
}
