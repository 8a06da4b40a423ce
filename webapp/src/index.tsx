/** The part of the plugin that runs inside the Mattermost web app, on the host's React. */

import "./host/public-path.ts";
import { registerConnect } from "./connect/register.tsx";
import { type Registry, registerConsole, type Store } from "./console/register.tsx";
import { registerFeatures } from "./features.ts";
import type { FeatureRegistry, HostStore } from "./host/registry.ts";
import { type MenuRegistry, registerInTab } from "./in-tab.ts";
import { registerUserSettings, type UserSettingsRegistry } from "./user-settings/register.tsx";

class Plugin {
  #stop: () => void = () => undefined;

  initialize(
    registry: Registry & UserSettingsRegistry & MenuRegistry & FeatureRegistry,
    store: Store & HostStore,
  ): void {
    registerConsole(registry, store);
    const settings = registerUserSettings(registry, store);
    const { ConnectPrompt } = registerConnect(registry, store, settings.showAccount);
    registerInTab(registry, document.documentElement.lang || navigator.language);
    const host = { registry, store, now: Date.now, ConnectPrompt };
    this.#stop = registerFeatures(host, { showSections: settings.showOthers }).stop;
  }

  /** The web app calls this before it removes the plugin from the page. */
  uninitialize(): void {
    this.#stop();
  }
}

declare global {
  interface Window {
    registerPlugin(id: string, plugin: Plugin): void;
  }
}

window.registerPlugin("mission-collaboration", new Plugin());
