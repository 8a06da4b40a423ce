/** The implementation of change notifications: connects its parts. Loaded when a feature needs it (on-demand.ts). */

import { randomKey } from "../../platform/store/random-key.ts";
import { rolesOf } from "../entra/token-roles.ts";
import { ContentKeys } from "./incoming/content-keys.ts";
import { Gaps } from "./incoming/gaps.ts";
import { Inbox, MAX_WAITING } from "./incoming/inbox.ts";
import { addressesOf, webhookRoutes } from "./incoming/webhook.ts";
import { formerGraphs } from "./lifecycle/former-graph.ts";
import { Keeper } from "./lifecycle/keeper.ts";
import { Loop } from "./lifecycle/loop.ts";
import { type Registration, Registrations } from "./lifecycle/registrations.ts";
import { isOf, releaseOf } from "./lifecycle/release.ts";
import { unsubscribeAll } from "./lifecycle/unsubscribe.ts";
import { createSubscriptionMetrics } from "./metrics.ts";
import type { SubscriptionPorts, SubscriptionsRoom } from "./ports.ts";
import { readStatus } from "./status.ts";
import type { ChangeListener } from "./wish.ts";

const HANDSHAKE = "subscriptions.handshake";
/** Graph repeats a request to reauthorize until it is done. */
const REAUTHORIZED_MS = 60_000;
const NOTED_MS = 60_000;

export function createRoom(
  ports: SubscriptionPorts,
  listeners: readonly ChangeListener[],
): SubscriptionsRoom {
  const { config, kv, cluster, clock, log, graph, tokens, pluginId } = ports;
  const now = clock.now;
  const registrations = new Registrations(kv, now, (id) =>
    log.warn("A record of a subscription cannot be read", { id }),
  );
  const keys = new ContentKeys({ kv, now, ring: ports.keyRing, newKeyPair: ports.newKeyPair });
  const secret = randomKey(kv, "subscriptions/secret");
  const metrics = createSubscriptionMetrics({ metrics: ports.metrics, log, now });
  const verifyToken = (token: string) => ports.verifier.verifyValidationToken(token);
  const active = () => listeners.some((listener) => listener.enabled());
  const addresses = () => addressesOf(config, pluginId);
  const steps = ports.metrics.counter(
    "subscriptions_total",
    "Subscriptions made, renewed and deleted at Microsoft.",
    "events_subscriptions_total",
  );
  const notedAt = new Map<string, number>();
  let lastHandshakeAt: number | null = null;
  let stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();

  const rejected = ports.metrics.counter(
    "change_event_queue_rejected_total",
    "POSTs of changes that were refused because too many wait.",
    "events_change_event_queue_rejected_total",
  );
  const inbox = new Inbox({
    ...{ kv, cluster, log, clock, registrations, keys, verifyToken },
    listeners: () => listeners,
    onDropped: metrics.dropped,
    onFull: () => rejected.add(),
    onHandled: noteNotification,
    ...(ports.leaseMs === undefined ? {} : { leaseMs: ports.leaseMs }),
  });
  ports.metrics.watch(
    "change_event_queue_length",
    "Changes that wait for their feature.",
    () => inbox.state.waiting,
    "app_change_event_queue_length",
  );
  ports.metrics.watch(
    "change_event_queue_capacity",
    "Most changes that may wait.",
    () => MAX_WAITING,
    "app_change_event_queue_capacity",
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
  const loop = new Loop({
    ...{ keeper, gaps, registrations, active, cluster, clock, log },
    leaseMs: ports.leaseMs,
  });
  const routes = webhookRoutes({
    ...{ config, registrations, inbox, secret, verifyToken, active, metrics, lifecycle },
    onHandshake: noteHandshake,
  });

  /** Records at most once a minute per wish, because a busy tenant has many changes a second. */
  function noteNotification(wish: string): void {
    const at = now();
    if (at - (notedAt.get(wish) ?? Number.NEGATIVE_INFINITY) < NOTED_MS) return;
    notedAt.set(wish, at);
    registrations
      .changeState(wish, (state) => ({ ...state, lastNotificationAt: at }))
      .catch((error: unknown) => log.warn("The time of a notification could not be stored", { error }));
  }

  /** Tells the other nodes: the one that subscribes may not be the one that answers. */
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
    loop.wake();
  }

  return {
    routes,
    start() {
      stopping = new AbortController();
      const { signal } = stopping;
      const ends = [
        loop.listenToOtherNodes(),
        cluster.on(HANDSHAKE, (data) => {
          const at = Number(new TextDecoder().decode(data));
          if (Number.isSafeInteger(at)) lastHandshakeAt = Math.max(lastHandshakeAt ?? 0, at);
        }),
        config.onChange(() => loop.wakeHere("retry")),
      ];
      running = loop
        .untilNeeded(signal)
        .then(() => Promise.all([loop.run(signal), inbox.run(signal)]))
        .finally(() => {
          for (const end of ends) end();
        });
    },
    async stop() {
      stopping.abort();
      await running;
      const { end } = ports;
      // Must not delay the end, which the server waits for.
      if (end && (await end.isSwitchedOff().catch(() => false)))
        await unsubscribeAll({
          ...{ registrations, now, graph: end.graph(), tooLong: end.tooLong },
          credentialOf: (wish) => keeper.credentialOf(wish),
        }).catch(() => {});
    },
    wishesChanged: () => loop.wake(),
    retry: () => loop.wake("retry"),
    older: (resource) => inbox.older(resource),
    tryContents: async () => (await import("./trial.ts")).tryContents(keys),
    concerns: async (userId) => (await registrations.all()).some((one) => isOf(one, userId)),
    release: (userId, credential, signal) => releaseOf(userId, credential, { graph, registrations }, signal),
    status: () =>
      readStatus({
        ...{ registrations, keys, config },
        requestsPerRound: () =>
          (loop.last?.wishes ?? []).reduce((sum, one) => sum + (one.listener.requestsPerFill ?? 1), 0),
        here: () => ({
          notificationUrl: addresses()?.changes ?? null,
          lastHandshakeAt,
          alarms: metrics.alarms(),
          waiting: inbox.state.waiting,
        }),
      }),
  };
}
