/**
 * Translates Graph's refusals into errors for the person (docs/facts/microsoft-calendar.md 5 and 11). It looks at the
 * status and the code, never at the text.
 */

import { GraphError, GraphUnreachable } from "../../../microsoft/graph/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import { isGone, isNoMailbox } from "./events.ts";

/**
 * Passes on every other error unchanged. Details are Graph's codes and never contain a subject or a name.
 */
export function eventError(error: unknown): unknown {
  if (error instanceof GraphUnreachable)
    return new ProductError("microsoft_unreachable", "graph", { cause: error });
  if (!(error instanceof GraphError)) return error;
  const { code, status } = error;
  const detail = `graph ${status} ${code}`;
  if (isNoMailbox(error)) return new ProductError("event_no_mailbox", detail);
  if (isGone(error)) return new ProductError("event_gone", detail);
  if (status === 403) return new ProductError("event_access", detail);
  if (status === 409 || status === 412) return new ProductError("event_conflict", detail);
  if (status === 429) return new ProductError("event_throttled", detail);
  if (status === 400) return new ProductError("event_refused", detail);
  if (status >= 500) return new ProductError("microsoft_unreachable", detail);
  return error;
}

/** Runs a call of Graph and rethrows its errors as ours. */
export async function asPerson<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw eventError(error);
  }
}
