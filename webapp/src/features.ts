/**
 * Registers the parts of the features that the server has switched on. For the others, nothing is registered or
 * loaded.
 */

import { calendarFeature } from "./calendar/feature.tsx";
import { channelsFeature } from "./channels/feature.tsx";
import { chatsFeature } from "./chats/feature.tsx";
import { get } from "./console/api.ts";
import type { FeatureHost, MemberFeature, OwnSection, Shown } from "./host/feature.ts";
import { listen, RECONNECTED } from "./host/live.ts";

/** In the order of their sections. */
export const memberFeatures = {
  chats: chatsFeature,
  channels: channelsFeature,
  calendar: calendarFeature,
} as const satisfies Readonly<Record<string, MemberFeature>>;

/** `GET /api/v1/features`: which features are on. */
export type SwitchedOn = Readonly<Record<string, boolean>>;

export interface FeaturesOptions {
  readonly features?: Readonly<Record<string, MemberFeature>>;
  readonly ask?: () => Promise<SwitchedOn>;
  /** Called whenever the sections change. */
  readonly showSections: (sections: readonly OwnSection[]) => void;
  /**
   * The delay between an admin's Save and the request: the plugin reads its settings first, and not everybody asks at
   * once.
   */
  readonly delayMs?: () => number;
}

const usualDelay = () => 500 + Math.random() * 2_500;

export interface RegisteredFeatures {
  /** Resolves when the server has answered, or has failed to. */
  readonly asked: Promise<void>;
  /** The plugin leaves the page: it was switched off, or replaced by another version. */
  stop(): void;
}

export function registerFeatures(host: FeatureHost, options: FeaturesOptions): RegisteredFeatures {
  const { delayMs = usualDelay, features = memberFeatures, showSections } = options;
  const ask = options.ask ?? (() => get<SwitchedOn>("/api/v1/features"));
  const shown = new Map<string, Shown>();
  let asked = 0;

  async function look(): Promise<void> {
    asked += 1;
    const mine = asked;
    const on = await ask().catch(() => null);
    // Without an answer everything stays as it is.
    if (!on || mine !== asked) return;
    show(on);
  }

  function show(on: SwitchedOn): void {
    let isChanged = false;
    for (const [name, feature] of Object.entries(features)) {
      const before = shown.get(name);
      if (on[name] === true && !before) shown.set(name, feature(host));
      else if (on[name] !== true && before) {
        shown.delete(name);
        before.off();
      } else continue;
      isChanged = true;
    }
    if (isChanged) showSections(Object.keys(features).flatMap((name) => shown.get(name)?.section ?? []));
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), delayMs());
  };
  // This event names no setting, so the features are read again after every change of the configuration.
  const ends = [listen(host.registry, "config_changed", later), listen(host.registry, RECONNECTED, later)];
  return {
    asked: look(),
    stop() {
      asked += 1;
      clearTimeout(timer);
      for (const end of ends) end();
      // The web app itself removes all registrations, including the sections.
      for (const one of shown.values()) one.off();
      shown.clear();
    },
  };
}
