/**
 * The subscriptions that this server has made or is making, in records that all nodes share.
 *
 *   subscription_{shard}  ─▶  registration id ─▶ Registration      what the webhook accepts
 *   subscribed_{shard}    ─▶  wish id         ─▶ WishState         what outlives a single subscription
 *
 * A registration is stored before the call that makes its subscription, because notifications may arrive before the
 * answer.
 */

import { ShardedMap } from "../../../platform/store/sharded-map.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";

export interface Registration {
  /** Random; the public half of the client state. */
  readonly id: string;
  /** `{feature}/{key of the wish}`. */
  readonly wish: string;
  readonly resource: string;
  /** As sent to Graph: `created,updated`. */
  readonly changeTypes: string;
  readonly notificationUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** The certificate with which Graph encrypts its resource data; null without resource data. */
  readonly certificateId: string | null;
  /** null: the call is in progress, or its answer was lost. */
  readonly subscriptionId: string | null;
  /** All times are in milliseconds since 1970. */
  readonly madeAt: number;
  readonly renewedAt: number;
  readonly renewAt: number;
  readonly expiresAt: number;
  /** Graph's request at the lifecycle address, until it is done. */
  readonly asked: "reauthorize" | "removed" | null;
}

export interface WishState {
  /** All changes up to this moment have been seen. null: nothing was ever subscribed. */
  readonly seenUntil: number | null;
  /** When the next gap filling is due. */
  readonly fillAt: number;
  readonly lastFilledAt: number | null;
  readonly lastNotificationAt: number | null;
  readonly problem: WishProblem | null;
}

export interface WishProblem {
  /** A row of problems.ts. */
  readonly code: string;
  /** Graph's status and code for the admin: `403 Forbidden`. Never text from outside. */
  readonly detail: string;
  readonly since: number;
  readonly tries: number;
  readonly nextTryAt: number;
}

/** With 64 shards and 5,000 calendars a record has about 40 KB. Part of the stored data. */
const SHARDS = 64;
/** How long a node trusts what it has read. The worker reads again before a change reaches a feature. */
const CACHE_MS = 30_000;

export class Registrations {
  readonly #map: ShardedMap<Registration>;
  readonly #states: ShardedMap<WishState>;
  readonly #now: () => number;
  readonly #cache = new Map<string, { readonly registration: Registration; readonly at: number }>();

  constructor(
    kv: Pick<KeyValueStore, "get" | "compareAndSet">,
    now: () => number,
    onUnreadable: (id: string) => void = () => {},
  ) {
    this.#now = now;
    this.#map = new ShardedMap(kv, {
      prefix: "subscription_",
      shards: SHARDS,
      parse: parseRegistration,
      onUnreadable,
      onDamaged: onUnreadable,
    });
    this.#states = new ShardedMap(kv, {
      prefix: "subscribed_",
      shards: SHARDS,
      parse: parseState,
      onUnreadable,
      onDamaged: onUnreadable,
    });
  }

  /** With `fresh`, reads the store even when this node knows the registration. */
  async find(id: string, { fresh = false } = {}): Promise<Registration | null> {
    const known = this.#cache.get(id);
    const age = known ? this.#now() - known.at : Number.POSITIVE_INFINITY;
    if (known && !fresh && age >= 0 && age < CACHE_MS) return known.registration;
    return this.#remember(id, await this.#map.get(id));
  }

  async set(registration: Registration): Promise<void> {
    await this.#map.set(registration.id, registration);
    this.#remember(registration.id, registration);
  }

  /** Returns null when the registration is gone; `change` may return null to remove it. */
  async update(
    id: string,
    change: (registration: Registration) => Registration | null,
  ): Promise<Registration | null> {
    return this.#remember(id, await this.#map.update(id, (current) => current && change(current)));
  }

  async remove(id: string): Promise<void> {
    await this.#map.delete(id);
    this.#remember(id, null);
  }

  async all(): Promise<Registration[]> {
    return (await Array.fromAsync(this.#map.entries())).map(([, registration]) => registration);
  }

  async states(): Promise<Map<string, WishState>> {
    return new Map(await Array.fromAsync(this.#states.entries()));
  }

  state(wish: string): Promise<WishState | null> {
    return this.#states.get(wish);
  }

  /** Changes the state of a wish; creates it when there is none. */
  async changeState(wish: string, change: (state: WishState) => WishState): Promise<void> {
    await this.#states.update(wish, (current) => change(current ?? newState));
  }

  async removeState(wish: string): Promise<void> {
    await this.#states.delete(wish);
  }

  #remember(id: string, registration: Registration | null): Registration | null {
    if (registration) this.#cache.set(id, { registration, at: this.#now() });
    else this.#cache.delete(id);
    return registration;
  }
}

export const newState: WishState = {
  seenUntil: null,
  fillAt: 0,
  lastFilledAt: null,
  lastNotificationAt: null,
  problem: null,
};

function parseRegistration(value: unknown): Registration {
  const it = value as Partial<Record<keyof Registration, unknown>> | null;
  const texts = [it?.id, it?.wish, it?.resource, it?.changeTypes, it?.notificationUrl];
  const ids = [it?.tenantId, it?.clientId];
  const times = [it?.madeAt, it?.renewedAt, it?.renewAt, it?.expiresAt];
  const good =
    [...texts, ...ids].every((text) => typeof text === "string") &&
    times.every((time) => typeof time === "number") &&
    [it?.subscriptionId, it?.certificateId, it?.asked].every(
      (text) => text === null || typeof text === "string",
    );
  if (!good) throw new Error("not a registration");
  return value as Registration;
}

function parseState(value: unknown): WishState {
  const it = value as Partial<Record<keyof WishState, unknown>> | null;
  const isTimeOrNull = (time: unknown) => time === null || typeof time === "number";
  const good =
    typeof it?.fillAt === "number" &&
    [it.seenUntil, it.lastFilledAt, it.lastNotificationAt].every(isTimeOrNull) &&
    typeof it.problem === "object";
  if (!good) throw new Error("not the state of a wish");
  return value as WishState;
}
