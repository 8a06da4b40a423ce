/** The state of all subscriptions, for the console and the checks. */

import { networkSettings } from "../../platform/settings/index.ts";
import type { ConfigSource } from "../config/index.ts";
import type { ContentKeys } from "./incoming/content-keys.ts";
import { type ResourceKind, readResource } from "./incoming/resource.ts";
import { fillEveryMs } from "./lifecycle/plan.ts";
import type { Registrations, WishProblem } from "./lifecycle/registrations.ts";
import type { Alarm } from "./metrics.ts";

/** One wish as the console and the checks show it. */
export interface SubscriptionStatus {
  readonly wish: string;
  readonly kind: ResourceKind | null;
  readonly delivery: "webhook" | "polling";
  /** All times are in milliseconds since 1970. `since` null: there is no subscription at Microsoft now. */
  readonly since: number | null;
  readonly expiresAt: number | null;
  readonly lastNotificationAt: number | null;
  readonly lastFilledAt: number | null;
  readonly nextFillAt: number;
  readonly problem: WishProblem | null;
}

export interface SubscriptionsStatus {
  readonly subscriptions: readonly SubscriptionStatus[];
  /** With polling: the longest time from a change to its arrival. null with notifications. */
  readonly delayMs: number | null;
  /** The address to which Microsoft sends, and when it last validated it. */
  readonly notificationUrl: string | null;
  readonly lastHandshakeAt: number | null;
  readonly certificate: { readonly id: string; readonly madeAt: number } | null;
  /** Alarms of this node since its start. */
  readonly alarms: readonly Alarm[];
  /** Number of waiting changes, on the node that works the queue. */
  readonly waiting: number;
}

export interface StatusPorts {
  readonly registrations: Registrations;
  readonly keys: Pick<ContentKeys, "list">;
  readonly config: ConfigSource;
  /** Requests in one round of gap filling; 0 when this node does not know. */
  readonly requestsPerRound: () => number;
  /** The part of the status that only this node knows. */
  readonly here: () => Pick<
    SubscriptionsStatus,
    "notificationUrl" | "lastHandshakeAt" | "alarms" | "waiting"
  >;
}

export async function readStatus(ports: StatusPorts): Promise<SubscriptionsStatus> {
  const { registrations, keys, config, requestsPerRound, here } = ports;
  const [registered, states, [certificate]] = await Promise.all([
    registrations.all(),
    registrations.states(),
    keys.list(),
  ]);
  const byWish = new Map(registered.map((one) => [one.wish, one]));
  const delivery = config.current.section(networkSettings).change_delivery;
  return {
    subscriptions: [...states].map(([wish, state]) => {
      const one = byWish.get(wish);
      const live = one && one.subscriptionId !== null;
      return {
        wish,
        kind: (one && readResource(one.resource)?.kind) ?? null,
        delivery,
        since: live ? one.madeAt : null,
        expiresAt: live ? one.expiresAt : null,
        lastNotificationAt: state.lastNotificationAt,
        lastFilledAt: state.lastFilledAt,
        nextFillAt: state.fillAt,
        problem: state.problem,
      };
    }),
    delayMs: delivery === "polling" ? fillEveryMs("polling", requestsPerRound() || states.size) : null,
    certificate: certificate ? { id: certificate.id, madeAt: certificate.madeAt } : null,
    ...here(),
  };
}
