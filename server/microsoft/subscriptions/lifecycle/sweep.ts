/** Compares the registrations of this server with the subscriptions that Graph has. */

import type { Logger } from "../../../runtime/mattermost/index.ts";
import type { GraphClient } from "../../graph/index.ts";
import { verifyClientState } from "../incoming/client-state.ts";
import { sameResource } from "../incoming/resource.ts";
import { detailOf } from "../problems.ts";
import { deleteSubscription, listSubscriptions, type RemoteSubscription } from "./graph-subscriptions.ts";
import type { Target } from "./plan.ts";
import type { Registration, Registrations } from "./registrations.ts";

export interface SweepPorts {
  readonly registrations: Registrations;
  readonly graph: GraphClient;
  readonly secret: () => Promise<Uint8Array>;
  readonly now: () => number;
  readonly log: Pick<Logger, "warn">;
  /** True when it was made with a person's token: only that person's list shows it. */
  readonly isPersonal: (wish: string) => boolean;
}

/** After this time a subscription is in every list of Graph. */
const LISTED_MS = 10 * 60_000;
/** The answer to a younger call may still be on the way. */
const UNDER_WAY_MS = 60_000;

/**
 * Adopts or deletes unknown subscriptions that report to this server, leaves alone those that report elsewhere, and
 * records lost ones. Returns false when Graph could not be asked.
 */
export async function sweep(
  registered: readonly Registration[],
  target: Target,
  ports: SweepPorts,
  signal: AbortSignal,
): Promise<boolean> {
  const { graph, registrations, now, log, isPersonal } = ports;
  let remote: RemoteSubscription[];
  try {
    remote = await listSubscriptions(graph, { signal });
  } catch (error) {
    log.warn("The subscriptions at Microsoft could not be listed", { problem: detailOf(error) });
    return false;
  }
  const known = new Set(registered.map(({ subscriptionId }) => subscriptionId));
  for (const one of remote) {
    if (known.has(one.id) || one.notificationUrl !== target.notificationUrl) continue;
    await adoptOrDelete(one, registered, ports, signal);
  }
  const existing = new Set(remote.map(({ id }) => id));
  for (const { id, wish, subscriptionId, tenantId, clientId, madeAt } of registered) {
    const listed = tenantId === target.tenantId && clientId === target.clientId;
    if (!listed || isPersonal(wish) || now() - madeAt < LISTED_MS) continue;
    if (subscriptionId !== null && !existing.has(subscriptionId))
      await registrations.update(id, (current) => ({ ...current, asked: "removed" }));
  }
  return true;
}

async function adoptOrDelete(
  stray: RemoteSubscription,
  registered: readonly Registration[],
  { registrations, secret, now, graph }: SweepPorts,
  signal: AbortSignal,
): Promise<void> {
  const waiting = registered.filter(({ subscriptionId }) => subscriptionId === null);
  const proven = stray.clientState && verifyClientState(stray.clientState, await secret());
  if (proven && waiting.some(({ id }) => id === proven)) {
    await registrations.update(proven, (current) => ({
      ...current,
      subscriptionId: stray.id,
      expiresAt: stray.expiresAt,
      renewAt: now(),
    }));
    return;
  }
  const underWay = waiting.some(
    ({ resource, madeAt }) => sameResource(resource, stray.resource) && now() - madeAt < UNDER_WAY_MS,
  );
  // The next sweep finds those that cannot be deleted now.
  if (!underWay) await deleteSubscription(graph, stray.id, { signal }).catch(() => {});
}
