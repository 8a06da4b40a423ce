/**
 * Deletes subscriptions made with a person's token while the token still works, because the app can neither see nor
 * delete them.
 */

import type { Credential, GraphClient } from "../../graph/index.ts";
import { deleteSubscription, listSubscriptions } from "./graph-subscriptions.ts";
import type { Registration, Registrations } from "./registrations.ts";

/** Wishes of one person have the user id in their key; `/me` means the person whose token made the subscription. */
export const isOf = ({ resource, wish }: Pick<Registration, "resource" | "wish">, userId: string): boolean =>
  /^\/?me\//i.test(resource) && wish.includes(userId);

/**
 * Deletes the person's subscriptions, including those whose answer never arrived. Rejects when Microsoft refuses:
 * they then expire by themselves, and their notifications are no longer accepted.
 */
export async function releaseOf(
  userId: string,
  credential: Credential,
  { graph, registrations }: { readonly graph: GraphClient; readonly registrations: Registrations },
  signal: AbortSignal,
): Promise<void> {
  const mine = (await registrations.all()).filter((one) => isOf(one, userId));
  if (mine.length === 0) return;
  // Another server of the same registration has other addresses.
  const ours = new Set(mine.map(({ notificationUrl }) => notificationUrl));
  const options = { credential, signal };
  const remote = await listSubscriptions(graph, options);
  const strays = remote.filter(({ notificationUrl }) => ours.has(notificationUrl));
  await Promise.all(strays.map(({ id }) => deleteSubscription(graph, id, options)));
  await Promise.all(mine.map(({ id }) => registrations.remove(id)));
}
