/** Combines the features into one plugin: one HTTP router, one command, one set of hooks. */

import type { Hooks } from "../runtime/mattermost/index.ts";
import type { TeamsCommand } from "./commands/index.ts";
import type { Feature } from "./feature.ts";
import type { Router } from "./http/index.ts";

export interface ComposePorts {
  readonly features: readonly Feature[];
  readonly router: Router;
  readonly command: TeamsCommand;
  /**
   * Called before anything starts. It throws when the stored data belongs to a newer plugin, which ends the
   * activation.
   */
  readonly open: () => Promise<unknown>;
  /** Reads the settings again. */
  readonly reload: () => Promise<void>;
}

/**
 * Hooks that only report an event. All others return a value to the server, so only one feature may implement them.
 */
const ANNOUNCES = /Has(Been|Joined|Left|LoggedIn|Changed)|haveChanged|HaveChanged|^onWebSocket|^onInstall/;

type AnyHook = (...args: readonly unknown[]) => unknown;

/**
 * Merges the hooks of all features. An event reaches every feature that listens, even when another one fails; the
 * first failure then becomes the hook's. Throws when two features want to answer the same hook.
 */
export function composeHooks(features: readonly Feature[]): Hooks {
  const listeners = new Map<string, { readonly feature: string; readonly hook: AnyHook }[]>();
  for (const { name, hooks = {} } of features) {
    for (const [event, hook] of Object.entries(hooks) as [string, AnyHook | undefined][]) {
      if (!hook) continue;
      const all = listeners.get(event) ?? [];
      all.push({ feature: name, hook: hook.bind(hooks) });
      listeners.set(event, all);
    }
  }
  const composed: Record<string, AnyHook> = {};
  for (const [event, all] of listeners) {
    const [first, ...others] = all;
    if (!first) continue;
    if (others.length > 0 && !ANNOUNCES.test(event))
      throw new Error(`${event} is answered by ${all.map(({ feature }) => feature).join(" and ")}`);
    composed[event] = others.length === 0 ? first.hook : toAll(all.map(({ hook }) => hook));
  }
  return composed as Hooks;
}

function toAll(hooks: readonly AnyHook[]): AnyHook {
  return async (...args) => {
    const outcomes = await Promise.allSettled(hooks.map(async (hook) => hook(...args)));
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  };
}

export function compose({ features, router, command, open, reload }: ComposePorts): Hooks {
  for (const { routes } of features) if (routes) router.add(routes);
  let started = false;
  return {
    ...composeHooks(features),
    async onActivate() {
      await open();
      // The server waits for this, so it is registered before background work sends requests.
      const registered = command.register();
      await Promise.all(features.map((feature) => feature.start?.()));
      started = true;
      await registered;
    },
    async onDeactivate() {
      await Promise.all(features.map((feature) => feature.stop?.()));
    },
    async onConfigurationChange() {
      await reload();
      // The server also calls this before onActivate, when the stored data may still turn out to belong to a newer
      // plugin.
      if (!started) return;
      for (const feature of features) feature.settingsChanged?.();
      void command.refresh();
    },
    serveHTTP: (request, context) => router.fetch(request, context),
    executeCommand: (context, args) => command.execute(context, args),
  };
}
