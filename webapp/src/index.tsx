/** The half of the plugin that runs inside the Mattermost web app, on the host's React. */

import "./host/public-path.ts";
import { type Registry, registerConsole, type Store } from "./console/register.tsx";
import { registerFeatures } from "./features.ts";
import type { FeatureRegistry, HostStore } from "./host/registry.ts";
import { type MenuRegistry, registerInTab } from "./in-tab.ts";
import { registerUserSettings, type UserSettingsRegistry } from "./user-settings/register.tsx";

class Plugin {
  initialize(
    registry: Registry & UserSettingsRegistry & MenuRegistry & FeatureRegistry,
    store: Store & HostStore,
  ): void {
    registerConsole(registry, store);
    const settings = registerUserSettings(registry, store);
    registerInTab(registry, document.documentElement.lang || navigator.language);
    const connect = () => {
      const base = (window as { basename?: string }).basename ?? "";
      window.open(
        `${base}/plugins/mission-collaboration/oauth2/connect?return=close`,
        "_blank",
        "popup,width=560,height=760",
      );
    };
    void registerFeatures(
      { registry, store, now: Date.now, connect },
      { showSections: settings.showSections },
    );
  }
}

declare global {
  interface Window {
    registerPlugin(id: string, plugin: Plugin): void;
  }
}

window.registerPlugin("mission-collaboration", new Plugin());
