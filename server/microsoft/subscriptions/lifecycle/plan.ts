/** Plans the steps that lead to one valid subscription for each wish. A pure function, run every minute. */

import { type ResourceKind, readResource } from "../incoming/resource.ts";
import type { ChangeListener, SubscriptionWish } from "../wish.ts";
import type { Registration, WishState } from "./registrations.ts";

export interface Wished {
  /** `{feature}/{key}`. */
  readonly id: string;
  readonly wish: SubscriptionWish;
  readonly listener: ChangeListener;
}

/** The desired address and app of the subscriptions. */
export interface Target {
  readonly notificationUrl: string;
  readonly lifecycleUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** null: no certificate can be made. */
  readonly certificateId: string | null;
}

export type Step =
  | { readonly do: "create"; readonly wished: Wished }
  | { readonly do: "renew"; readonly wished: Wished; readonly registration: Registration }
  | { readonly do: "remove"; readonly registration: Registration }
  | { readonly do: "block"; readonly wished: Wished };

/** The answer to the call that makes a subscription comes within this time, or not at all. */
export const ANSWER_MS = 2 * 60_000;

/** The input of one round. */
export interface Situation {
  readonly wishes: readonly Wished[];
  readonly registrations: readonly Registration[];
  readonly states: ReadonlyMap<string, WishState>;
  readonly target: Target;
  readonly now: number;
}

/** Returns the steps by wish. The steps of one wish are ordered; those of different wishes are independent. */
export function plan(situation: Situation): ReadonlyMap<string, readonly Step[]> {
  const { now, registrations, states, target, wishes } = situation;
  const steps = new Map<string, Step[]>();
  const add = (wish: string, ...more: Step[]) => steps.set(wish, [...(steps.get(wish) ?? []), ...more]);
  const wished = new Map(wishes.map((one) => [one.id, one]));
  const served = new Set<string>();

  for (const registration of newestFirst(registrations)) {
    const one = wished.get(registration.wish);
    const good = one && !served.has(one.id) && isGood(registration, one.wish, situation);
    if (!good) {
      add(registration.wish, { do: "remove", registration });
      continue;
    }
    served.add(one.id);
    if (isDue(registration, states.get(one.id), situation))
      add(one.id, { do: "renew", wished: one, registration });
  }
  for (const one of wishes) {
    if (served.has(one.id)) continue;
    if (one.wish.includeResourceData && target.certificateId === null)
      add(one.id, { do: "block", wished: one });
    else if ((states.get(one.id)?.problem?.nextTryAt ?? 0) <= now) add(one.id, { do: "create", wished: one });
  }
  return steps;
}

/** Completed ones before those in progress; then the newest first. */
function newestFirst(registrations: readonly Registration[]): Registration[] {
  const rank = ({ subscriptionId }: Registration) => (subscriptionId === null ? 1 : 0);
  return [...registrations].sort((a, b) => rank(a) - rank(b) || b.madeAt - a.madeAt);
}

function isGood(
  registration: Registration,
  wish: SubscriptionWish,
  { now, target }: Pick<Situation, "now" | "target">,
): boolean {
  const asWished =
    registration.resource === wish.resource &&
    registration.changeTypes === wish.changeTypes.join(",") &&
    (registration.certificateId !== null) === wish.includeResourceData;
  const asConfigured =
    registration.notificationUrl === target.notificationUrl &&
    registration.tenantId === target.tenantId &&
    registration.clientId === target.clientId;
  if (!asWished || !asConfigured || registration.asked === "removed") return false;
  return registration.subscriptionId === null
    ? now - registration.madeAt < ANSWER_MS
    : registration.expiresAt > now;
}

function isDue(
  registration: Registration,
  state: WishState | undefined,
  { now, target }: Pick<Situation, "now" | "target">,
): boolean {
  if (registration.subscriptionId === null) return false;
  if ((state?.problem?.nextTryAt ?? 0) > now) return false;
  const rekey =
    registration.certificateId !== null &&
    target.certificateId !== null &&
    registration.certificateId !== target.certificateId;
  return registration.asked === "reauthorize" || registration.renewAt <= now || rekey;
}

const MINUTE_MS = 60_000;
/** A little less than Microsoft's maximum (docs/facts/microsoft.md 9.1), because clocks differ. */
const TEAMS_MS = 4_200 * MINUTE_MS;
const EVENTS_WITH_CONTENT_MS = 1_380 * MINUTE_MS;

export function lifetimeMs({ resource, includeResourceData }: SubscriptionWish): number {
  const kind: ResourceKind | undefined = readResource(resource)?.kind;
  return kind === "events" && includeResourceData ? EVENTS_WITH_CONTENT_MS : TEAMS_MS;
}

/** Half of the remaining life, give or take a tenth, so that a thousand made together are not renewed together. */
export function renewAt(now: number, expiresAt: number, random: number): number {
  return Math.floor(now + (expiresAt - now) * (0.45 + 0.1 * random));
}

const HOUR_MS = 60 * MINUTE_MS;
/** Microsoft loses notifications silently, so gaps are filled even when nothing seems to be missing. */
const SAFETY_MS = HOUR_MS;
const POLL_MS = 5 * MINUTE_MS;
/**
 * A part of the 60 that Microsoft allows per app and tenant (docs/facts/microsoft-chat.md 4); the rest is for other
 * reads.
 */
export const FILLS_PER_MINUTE = 40;

/** How often each gap is filled. With polling this is the longest delay of a change, apart from the fill itself. */
export function fillEveryMs(delivery: "webhook" | "polling", requests: number): number {
  const round = Math.ceil(requests / FILLS_PER_MINUTE) * MINUTE_MS;
  return Math.max(delivery === "polling" ? POLL_MS : SAFETY_MS, round);
}
