/**
 * Deletes the subscriptions when an admin switches the plugin off: nobody renews them any more, and Microsoft would
 * keep sending for days. A server that only restarts keeps them, because every restart would otherwise be a gap.
 */

import type { Credential, GraphClient } from "../../graph/index.ts";
import { deleteSubscription } from "./graph-subscriptions.ts";
import type { Registrations } from "./registrations.ts";

/** A deactivation must take less than 2 s, whatever Microsoft does. */
export const UNSUBSCRIBE_MS = 1_200;

export interface UnsubscribePorts {
  readonly registrations: Registrations;
  /** A client that the end of the plugin does not abort. */
  readonly graph: GraphClient;
  readonly now: () => number;
  /**
   * Returns the credential of a wish that was made with a person's token, on the node that keeps the subscriptions.
   */
  readonly credentialOf: (wish: string) => Credential | undefined;
  /** Resolves when nobody may wait any longer. */
  readonly tooLong?: (() => Promise<void>) | undefined;
}

/**
 * Best effort. A subscription for which no token is available expires by itself, and its notifications are refused.
 */
export async function unsubscribeAll({
  credentialOf,
  graph,
  now,
  registrations,
  tooLong = () => Bun.sleep(UNSUBSCRIBE_MS),
}: UnsubscribePorts): Promise<void> {
  const late = new AbortController();
  const { signal } = late;
  const limit = tooLong().then(() => late.abort());
  const alive = (await registrations.all()).filter(
    ({ expiresAt, subscriptionId }) => subscriptionId !== null && expiresAt > now(),
  );
  const deleted = alive.map(async ({ id, subscriptionId, wish }) => {
    await deleteSubscription(graph, subscriptionId ?? "", { credential: credentialOf(wish), signal });
    await registrations.remove(id);
  });
  await Promise.race([Promise.allSettled(deleted), limit]);
}
