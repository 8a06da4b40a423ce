/** A subscription and a change of the fake Graph, and the rule that says which subscriptions get which change. */

import type { SubscriptionBody } from "./subscription-rules.ts";

export interface Subscription extends Omit<SubscriptionBody, "expiresAt" | "certificate"> {
  readonly id: string;
  readonly applicationId: string;
  /** The creator, by their token; null is the app itself. */
  readonly creatorId: string | null;
  expiresAt: number;
  certificate: SubscriptionBody["certificate"];
}

export interface SentChange {
  /** The resource as the notification names it: `chats('19:…')/messages('17…')`. */
  readonly resource: string;
  readonly changeType: "created" | "updated" | "deleted";
  /** The full resource; its `etag` is the notification's. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A resource in one spelling: without query, quotes and capitals. */
export const plain = (text: string) =>
  text
    .replace(/\?.*$/, "")
    .replaceAll(/\('([^']*)'\)/g, "/$1")
    .replace(/^\//, "")
    .toLowerCase();

/**
 * The prefix of resources that a subscription covers, cached because each change is compared with thousands of them.
 */
const prefixes = new WeakMap<Subscription, string>();

function prefixOf(one: Subscription): string {
  const known = prefixes.get(one);
  if (known !== undefined) return known;
  const subscribed = plain(one.resource);
  const prefix =
    subscribed === "chats/getallmessages"
      ? "chats/"
      : subscribed === "me/events"
        ? `users/${one.creatorId}/events/`
        : `${subscribed}/`;
  prefixes.set(one, prefix);
  return prefix;
}

/** Not strict, because subscription-rules.ts decides which resources may be subscribed. */
export function concerns(one: Subscription, { changeType }: SentChange, plainResource: string): boolean {
  return plainResource.startsWith(prefixOf(one)) && one.changeType.split(",").includes(changeType);
}
