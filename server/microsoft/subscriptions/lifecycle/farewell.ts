/**
 * An admin switches the plugin off: nobody renews its subscriptions any more, and Microsoft would go on sending for
 * days. A server that only restarts keeps them, or every restart would be a gap.
 */

import type { Credential, GraphClient } from "../../graph/index.ts";
import { deleteSubscription } from "./graph-subscriptions.ts";
import type { Registrations } from "./registrations.ts";

/** A deactivation takes less than 2 s, whatever Microsoft does. */
export const FAREWELL_MS = 1_200;

export interface FarewellPorts {
  readonly registrations: Registrations;
  /** Not aborted by the end of the plugin. */
  readonly graph: GraphClient;
  readonly now: () => number;
  /** Of a wish that was made with a person's token, on the node that keeps the subscriptions. */
  readonly credentialOf: (wish: string) => Credential | undefined;
}

/** Best effort: what no token is at hand for expires by itself, and what it sends is not accepted. */
export async function farewell({ credentialOf, graph, now, registrations }: FarewellPorts): Promise<void> {
  const signal = AbortSignal.timeout(FAREWELL_MS);
  const alive = (await registrations.all()).filter(
    ({ expiresAt, subscriptionId }) => subscriptionId !== null && expiresAt > now(),
  );
  const deleted = alive.map(async ({ id, subscriptionId, wish }) => {
    await deleteSubscription(graph, subscriptionId ?? "", { credential: credentialOf(wish), signal });
    await registrations.remove(id);
  });
  await Promise.race([Promise.allSettled(deleted), Bun.sleep(FAREWELL_MS)]);
}
