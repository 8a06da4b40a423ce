/**
 * Loads the implementation of change notifications when a feature needs it; a start without such a feature does not.
 */

import { routesOnDemand } from "../../platform/http/index.ts";
import { onDemand } from "../../platform/on-demand.ts";
import { changesFeature } from "./feature.ts";
import { CHANGES_PATH, LIFECYCLE_PATH } from "./paths.ts";
import type { SubscriptionPorts, Subscriptions, SubscriptionsRoom } from "./ports.ts";
import type { ChangeListener } from "./wish.ts";

/** Created with the first subscription and never removed: without it there is nothing to clean up, either. */
const EVER_SUBSCRIBED = "subscriptions/secret";

export function subscriptionsOnDemand(ports: SubscriptionPorts): Subscriptions {
  const { config, kv, log } = ports;
  const listeners: ChangeListener[] = [];
  let started = false;
  let endWatch: (() => void) | null = null;

  const room = onDemand(async () => (await import("./room.ts")).createRoom(ports, listeners));

  const isWanted = () => listeners.some((listener) => listener.enabled());

  async function run(): Promise<void> {
    const loaded = await room.load();
    if (!started || endWatch === null) return;
    endWatch();
    endWatch = null;
    loaded.start();
  }

  function inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => log.warn("Change notifications could not be started", { error }));
  }

  /** Runs an action only when the implementation is loaded, or wanted. */
  function whenLoaded(act: (loaded: SubscriptionsRoom) => void): void {
    if (room.begun || isWanted()) inBackground(room.load().then(act));
  }

  const subscriptions: Subscriptions = {
    routes: routesOnDemand(
      [
        ["ALL", CHANGES_PATH, "webhook"],
        ["ALL", LIFECYCLE_PATH, "webhook"],
      ],
      async () => (await room.load()).routes,
    ),
    listen: (listener) => void listeners.push(listener),
    feature: () => changesFeature(subscriptions),
    active: isWanted,
    start() {
      if (started) return;
      started = true;
      endWatch = config.onChange(() => {
        if (isWanted()) inBackground(run());
      });
      // The features were switched off while the plugin was down: older subscriptions must be removed.
      inBackground(
        isWanted() ? run() : kv.get(EVER_SUBSCRIBED).then((secret) => (secret ? run() : undefined)),
      );
    },
    async stop() {
      started = false;
      endWatch?.();
      endWatch = null;
      await (await room.begun)?.stop();
    },
    wishesChanged: () => whenLoaded((loaded) => loaded.wishesChanged()),
    retry: () => whenLoaded((loaded) => loaded.retry()),
    status: async () => (await room.load()).status(),
    tryContents: async () => (await room.load()).tryContents(),
    concerns: async (userId) => (room.begun || isWanted() ? (await room.load()).concerns(userId) : false),
    older: async (resource) => (await room.begun)?.older(resource),
    release: async (userId, credential, signal) => (await room.load()).release(userId, credential, signal),
  };
  return subscriptions;
}
