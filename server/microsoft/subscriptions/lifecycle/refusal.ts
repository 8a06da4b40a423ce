/**
 * Finds out why Graph refused to make a subscription: the same status has several meanings, depending on what exists.
 */

import { type GraphClient, GraphError } from "../../graph/index.ts";
import { sameResource } from "../incoming/resource.ts";
import { type ProblemCode, problemOf } from "../problems.ts";
import type { SubscriptionWish } from "../wish.ts";
import { listSubscriptions } from "./graph-subscriptions.ts";
import type { Target } from "./plan.ts";

export interface Circumstances {
  readonly graph: GraphClient;
  /** Application permissions in the app's token. */
  readonly roles: () => Promise<readonly string[]>;
  /** When this server last answered a validation request, in milliseconds since 1970. */
  readonly lastHandshakeAt: () => number | null;
  readonly startedAt: number;
  readonly signal: AbortSignal;
}

/** `stray`: the reason may be a subscription of ours that this server does not know. */
export interface Explained {
  readonly code: ProblemCode;
  readonly stray: boolean;
}

/** The validation request comes during the call, but the nodes' clocks differ. */
const HANDSHAKE_SKEW_MS = 1_000;
const because = (code: ProblemCode, stray = false): Explained => ({ code, stray });

export async function explain(
  error: unknown,
  wish: SubscriptionWish,
  target: Target,
  { graph, roles, lastHandshakeAt, startedAt, signal }: Circumstances,
): Promise<Explained> {
  if (!(error instanceof GraphError)) return because(problemOf(error));
  if (error.status === 400) {
    const handshake = lastHandshakeAt() ?? Number.NEGATIVE_INFINITY;
    return because(handshake >= startedAt - HANDSHAKE_SKEW_MS ? "request_refused" : "webhook_unreachable");
  }
  if (error.status !== 403 && error.status !== 409) return because(problemOf(error));

  const remote = await listSubscriptions(graph, { signal }).catch(() => []);
  const taken = remote.filter(({ resource }) => sameResource(resource, wish.resource));
  if (taken.some(({ notificationUrl }) => notificationUrl !== target.notificationUrl))
    return because("quota_of_app");
  if (taken.length > 0) return because("microsoft_busy", true);
  const needed = wish.permissions ?? [];
  if (wish.credential || needed.length === 0) return because("permission_missing");
  const granted = await roles().catch((): readonly string[] => []);
  return because(
    needed.some((role) => granted.includes(role)) ? "quota_of_organisation" : "permission_missing",
  );
}
