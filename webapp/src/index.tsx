/** The half of the plugin that runs inside the Mattermost web app, on the host's React. */

import { type ConnectRegistry, registerConnect } from "./connect/register.tsx";
import { type Registry, registerConsole, type Store } from "./console/register.tsx";
import { type MenuRegistry, registerInTab } from "./in-tab.ts";
import { registerUserSettings, type UserSettingsRegistry } from "./user-settings/register.tsx";

class Plugin {
  initialize(registry: Registry & UserSettingsRegistry & MenuRegistry & ConnectRegistry, store: Store): void {
    registerConsole(registry, store);
    const account = registerUserSettings(registry, store);
    registerConnect(registry, store, account.show);
    registerInTab(registry, document.documentElement.lang || navigator.language);
  }
}

declare global {
  interface Window {
    registerPlugin(id: string, plugin: Plugin): void;
  }
}

window.registerPlugin("mission-collaboration", new Plugin());
