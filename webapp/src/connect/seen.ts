/** Reports to the server that the person is active, so that it may invite them: after some minutes, at most hourly. */

import { send } from "../console/api.ts";
import type { ConnectionStore } from "./connection.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** One to ten minutes after the page was loaded, so that not every browser reports at once after a restart. */
export function watchSeen(
  store: ConnectionStore,
  page: Pick<Window, "addEventListener"> = window,
  now: () => number = Date.now,
  random: () => number = Math.random,
): void {
  let next = now() + (1 + 9 * random()) * MINUTE_MS;
  page.addEventListener(
    "click",
    () => {
      if (now() < next) return;
      next = now() + HOUR_MS;
      const known = store.current();
      // People who are connected, or may not connect, are never invited.
      if (!known || known.connected || known.lost || !known.mayConnect) return;
      void send("POST", "/api/v1/connection/seen").catch(() => {});
    },
    true,
  );
}
