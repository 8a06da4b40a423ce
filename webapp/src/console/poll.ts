/** Looks at something on the server again and again. */

import { Refusal } from "./api.ts";

/**
 * A look that fails is repeated: the network, a proxy or Microsoft may be back at the next one. A refusal ends it, and
 * `over` is called. Returns a function that stops it.
 */
export function pollEvery(
  everyMs: number,
  look: () => Promise<void>,
  over: (error: Error) => void,
): () => void {
  const timer = setInterval(() => {
    look().catch((error: Error) => {
      if (!(error instanceof Refusal) || error.status >= 500 || error.status === 429) return;
      clearInterval(timer);
      over(error);
    });
  }, everyMs);
  return () => clearInterval(timer);
}
