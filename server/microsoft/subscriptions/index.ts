/**
 * Change notifications of Microsoft Graph: features say what they want to hear of, and hear of it once.
 *
 *   wish ─▶ keeper (one node) ─▶ subscription at Graph ─▶ webhook (any node) ─▶ inbox (one node) ─▶ feature
 *                     └─▶ gaps, where notifications cannot be relied on, and in their place with polling
 */

import type { Feature } from "../../platform/feature.ts";
import type { Routes } from "../../platform/http/index.ts";
import type { Metrics } from "../../platform/metrics/metrics.ts";
import { randomKey } from "../../platform/store/random-key.ts";
import type { KeyRing } from "../../platform/store/sealed.ts";
import type { Clock } from "../../platform/work/clock.ts";
import type { Cluster, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";
import type { ConfigSource } from "../config/index.ts";
import type { AppTokens } from "../entra/app-token.ts";
import { rolesOf } from "../entra/token-roles.ts";
import type { TokenVerifier } from "../entra/token-verifier.ts";
import type { Credential, GraphClient } from "../graph/index.ts";
import type { Fetch } from "../network/index.ts";
import type { NewKeyPair } from "./certificate.ts";
import { ContentKeys } from "./content-keys.ts";
import { farewell } from "./farewell.ts";
import { changesFeature } from "./feature.ts";
import { createFigures } from "./figures.ts";
import { formerGraphs } from "./former-graph.ts";
import { Gaps } from "./gaps.ts";
import { Inbox } from "./inbox.ts";
import { Keeper, type Round } from "./keeper.ts";
import { type Registration, Registrations } from "./registrations.ts";
import { isOf, releaseOf } from "./release.ts";
import { readStatus, type SubscriptionsStatus } from "./status.ts";
import type { ContentTrial } from "./trial.ts";
import { addressesOf, webhookRoutes } from "./webhook.ts";
import type { ChangeListener } from "./wish.ts";

export type { ChangeType } from "./entries.ts";
export { type ProblemCode, problems } from "./problems.ts";
export { type Resource, type ResourceKind, readResource, resourcePath } from "./resource.ts";
export type { SubscriptionStatus, SubscriptionsStatus } from "./status.ts";
export type { Change, ChangeListener, Gap, GapWork, SubscriptionWish } from "./wish.ts";

export interface SubscriptionPorts {
  readonly config: ConfigSource;
  readonly graph: GraphClient;
  readonly fetch: Fetch;
  readonly verifier: Pick<TokenVerifier, "verifyValidationToken">;
  readonly tokens: AppTokens;
  /** For the private keys of contents; null while `encryption_key` is empty. */
  readonly keyRing: () => KeyRing | null;
  /** Of the certificates that Graph encrypts contents to. */
  readonly newKeyPair?: NewKeyPair;
  readonly kv: Pick<KeyValueStore, "get" | "set" | "delete" | "compareAndSet">;
  readonly cluster: Pick<Cluster, "lock" | "publish" | "on">;
  readonly log: Pick<Logger, "warn" | "info">;
  readonly metrics: Pick<Metrics, "counter" | "watch">;
  readonly clock: Clock;
  readonly pluginId: string;
  /** Whether the plugin ends because an admin switched it off, and a client for the last calls. */
  readonly end?: { isSwitchedOff(): Promise<boolean>; graph(): GraphClient };
  /** How long a node that died holds up the others. */
  readonly leaseMs?: number;
}

export interface Subscriptions {
  /** Before `start`. */
  listen(listener: ChangeListener): void;
  readonly listeners: readonly ChangeListener[];
  readonly routes: Routes;
  /** As a feature of the product; empty while nobody listens. */
  feature(): Feature;
  start(): void;
  /** Aborts every call and waits for it. */
  stop(): Promise<void>;
  /** The wishes of a feature have changed: somebody connected, a channel was linked. */
  wishesChanged(): void;
  /** For the console: try now what was refused, on whichever node keeps the subscriptions. */
  retry(): void;
  status(): Promise<SubscriptionsStatus>;
  /** Encrypts something to the newest certificate and opens it. */
  tryContents(): Promise<ContentTrial>;
  /** Whether anything was made with the person's token. */
  concerns(userId: string): Promise<boolean>;
  /** Deletes that, with a token that still works. Wishes of one person have the user id in their key. */
  release(userId: string, credential: Credential, signal: AbortSignal): Promise<void>;
  /** A feature that is switched on listens. */
  active(): boolean;
}

const ROUND_MS = 60_000;
/** Nothing is wished: only a change of settings or wishes matters, and it wakes the node. */
const IDLE_MS = 6 * 3_600_000;
const FAULT_MS = 5_000;
const DEFAULT_LEASE_MS = 15_000;
const WAKE = "subscriptions.wake";
const HANDSHAKE = "subscriptions.handshake";
/** Graph repeats a request to reauthorize until it is done. */
const REAUTHORIZED_MS = 60_000;
const NOTED_MS = 60_000;

export function createSubscriptions(ports: SubscriptionPorts): Subscriptions {
  const { config, kv, cluster, clock, log, metrics, graph, tokens, pluginId } = ports;
  const now = clock.now;
  const listeners: ChangeListener[] = [];
  const registrations = new Registrations(kv, now, (id) =>
    log.warn("A record of a subscription cannot be read", { id }),
  );
  const keys = new ContentKeys({ kv, now, ring: ports.keyRing, newKeyPair: ports.newKeyPair });
  const secret = randomKey(kv, "subscriptions/secret");
  const figures = createFigures({ metrics, log, now });
  const verifyToken = (token: string) => ports.verifier.verifyValidationToken(token);
  const active = () => listeners.some((listener) => listener.enabled());
  const addresses = () => addressesOf(config, pluginId);
  const steps = metrics.counter(
    "subscriptions_total",
    "Subscriptions made, renewed and deleted at Microsoft.",
    "events_subscriptions_total",
  );
  const notedAt = new Map<string, number>();
  let lastHandshakeAt: number | null = null;
  let last: Round | null = null;
  let stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  let news = new AbortController();

  const inbox = new Inbox({
    kv,
    cluster,
    log,
    clock,
    registrations,
    keys,
    verifyToken,
    listeners: () => listeners,
    onDropped: figures.dropped,
    onHandled: noteNotification,
    ...(ports.leaseMs === undefined ? {} : { leaseMs: ports.leaseMs }),
  });
  metrics.watch(
    "change_event_queue_length",
    "Changes that wait for their feature.",
    () => inbox.state.waiting,
    "app_change_event_queue_length",
  );
  const keeper = new Keeper({
    ...{ config, graph, registrations, keys, secret, addresses, clock, log },
    roles: async () => rolesOf(await tokens.token(5)),
    forgetToken: tokens.forget,
    formerGraph: formerGraphs(config, ports.fetch),
    listeners: () => listeners,
    lastHandshakeAt: () => lastHandshakeAt,
    onStep: (action) => steps.add({ action }),
  });
  const gaps = new Gaps({ registrations, clock, onFilled: () => {} });
  const routes = webhookRoutes({
    ...{ config, registrations, inbox, secret, verifyToken, active, figures, lifecycle },
    onHandshake: noteHandshake,
  });

  /** At most once a minute for each wish: a busy tenant has many changes a second. */
  function noteNotification(wish: string): void {
    const at = now();
    if (at - (notedAt.get(wish) ?? Number.NEGATIVE_INFINITY) < NOTED_MS) return;
    notedAt.set(wish, at);
    registrations
      .changeState(wish, (state) => ({ ...state, lastNotificationAt: at }))
      .catch((error: unknown) => log.warn("The time of a notification could not be stored", { error }));
  }

  /** Other nodes want to know: the one that subscribes may not be the one that answers. */
  function noteHandshake(): void {
    const quiet = lastHandshakeAt === null || now() - lastHandshakeAt >= 1_000;
    lastHandshakeAt = now();
    if (quiet) cluster.publish(HANDSHAKE, String(lastHandshakeAt)).catch(() => {});
  }

  async function lifecycle(registration: Registration, event: string): Promise<void> {
    const at = now();
    if (event === "missed")
      await registrations.changeState(registration.wish, (state) => ({ ...state, fillAt: at }));
    else
      await registrations.update(registration.id, (current) => {
        if (event === "subscriptionRemoved") return { ...current, asked: "removed" };
        const done = current.asked !== null || at - current.renewedAt < REAUTHORIZED_MS;
        return done ? current : { ...current, asked: "reauthorize" };
      });
    wake();
  }

  function wake(how: "round" | "retry" = "round"): void {
    woken(how);
    cluster
      .publish(WAKE, how)
      .catch((error: unknown) => log.warn("The other nodes could not be notified", { error }));
  }

  function woken(how: string): void {
    if (how === "retry") keeper.retrySoon();
    news.abort();
  }

  /** While no feature listens and nothing is left of one, there is no lock to hold and nothing to look for. */
  async function untilNeeded(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !active()) {
      news = new AbortController();
      const left = await registrations.all().then(
        (all) => all.length > 0,
        () => true,
      );
      if (left) return;
      await clock.sleep(IDLE_MS, AbortSignal.any([signal, news.signal]));
    }
  }

  async function keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const lease = await cluster.lock("subscriptions", {
          leaseMs: ports.leaseMs ?? DEFAULT_LEASE_MS,
          signal,
        });
        const mine = AbortSignal.any([signal, lease.signal]);
        try {
          await rounds(mine);
        } finally {
          await lease.release().catch(() => {});
        }
      } catch (error) {
        if (signal.aborted) return;
        log.warn("Subscriptions could not be kept", { error });
        await clock.sleep(FAULT_MS, signal);
      }
    }
  }

  async function rounds(signal: AbortSignal): Promise<void> {
    let filling: Promise<void> | null = null;
    keeper.sweepSoon();
    try {
      while (!signal.aborted) {
        news = new AbortController();
        const round = await keeper.round(signal);
        last = round;
        filling ??= gaps
          .fillDue(round.wishes, round.delivery, signal)
          .catch((error: unknown) => log.warn("Gaps could not be filled", { error }))
          .finally(() => {
            filling = null;
          });
        await clock.sleep(round.idle ? IDLE_MS : ROUND_MS, AbortSignal.any([signal, news.signal]));
      }
    } finally {
      await filling;
    }
  }

  const subscriptions: Subscriptions = {
    listeners,
    routes,
    listen: (listener) => void listeners.push(listener),
    feature: () => changesFeature(subscriptions),
    start() {
      // A product without such a feature has no loop, no lock and no record.
      if (listeners.length === 0) return;
      stopping = new AbortController();
      const { signal } = stopping;
      const ends = [
        cluster.on(WAKE, (data) => woken(new TextDecoder().decode(data))),
        cluster.on(HANDSHAKE, (data) => {
          const at = Number(new TextDecoder().decode(data));
          if (Number.isSafeInteger(at)) lastHandshakeAt = Math.max(lastHandshakeAt ?? 0, at);
        }),
        config.onChange(() => woken("retry")),
      ];
      running = untilNeeded(signal)
        .then(() => Promise.all([keep(signal), inbox.run(signal)]))
        .finally(() => {
          for (const end of ends) end();
        });
    },
    async stop() {
      stopping.abort();
      await running;
      const { end } = ports;
      // Never in the way of the end: the server waits for it.
      if (end && (await end.isSwitchedOff().catch(() => false)))
        await farewell({ registrations, graph: end.graph(), now }).catch(() => {});
    },
    active,
    wishesChanged: () => wake(),
    retry: () => wake("retry"),
    concerns: async (userId) => (await registrations.all()).some((one) => isOf(one, userId)),
    tryContents: async () => (await import("./trial.ts")).tryContents(keys),
    release: (userId, credential, signal) => releaseOf(userId, credential, { graph, registrations }, signal),
    status: () =>
      readStatus({
        ...{ registrations, keys, config },
        requestsPerRound: () =>
          (last?.wishes ?? []).reduce((sum, one) => sum + (one.listener.requestsPerFill ?? 1), 0),
        here: () => ({
          notificationUrl: addresses()?.changes ?? null,
          lastHandshakeAt,
          alarms: figures.alarms(),
          waiting: inbox.state.waiting,
        }),
      }),
  };
  return subscriptions;
}
