/**
 * What the web app offers to plugins' web halves: `window.registerPlugin`, a registry, a store, and the
 * libraries they share with us. Registrations nobody shows here are taken and kept silent.
 */

import * as React from "react";
import * as ReactDOM from "react-dom";
import { base, type Channel, type ServerEvent, type Team, type User } from "./api.ts";
import { reactIntl } from "./react-intl.ts";

export interface UserSettingsSection {
  readonly id: string;
  readonly uiName: string;
  readonly icon?: string;
  readonly sections: readonly UserSettings[];
}
export type UserSettings =
  | { readonly title: string; readonly component: React.ComponentType }
  | {
      readonly title: string;
      readonly disabled?: boolean;
      readonly onSubmit?: (changes: Record<string, string>) => void;
      readonly settings: readonly UserSetting[];
    };
export type UserSetting =
  | {
      readonly type: "radio";
      readonly name: string;
      readonly title?: string;
      readonly helpText?: string;
      readonly default: string;
      readonly options: readonly {
        readonly value: string;
        readonly text: string;
        readonly helpText?: string;
      }[];
    }
  | {
      readonly type: "custom";
      readonly name: string;
      readonly title?: string;
      readonly component: React.ComponentType<{ informChange(name: string, value: string): void }>;
    };

interface Registered {
  readonly settings: Map<string, { component: React.ComponentType<object>; showTitle: boolean }>;
  readonly sections: Map<string, React.ComponentType<object>>;
  readonly events: Map<string, ((event: ServerEvent) => void)[]>;
  readonly root: React.ComponentType[];
  userSettings: UserSettingsSection | null;
}

export const registered: Registered = {
  settings: new Map(),
  sections: new Map(),
  events: new Map(),
  root: [],
  userSettings: null,
};
const listeners = new Set<() => void>();
let version = 0;
export const pluginVersion = () => version;
export function onPluginChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
function changed(): void {
  version++;
  for (const listener of listeners) listener();
}

const known: Record<string, (...args: never[]) => unknown> = {
  registerAdminConsoleCustomSetting(
    key: string,
    component: React.ComponentType<object>,
    options?: { showTitle?: boolean },
  ) {
    registered.settings.set(key.toLowerCase(), { component, showTitle: options?.showTitle ?? false });
  },
  registerAdminConsoleCustomSection(key: string, component: React.ComponentType<object>) {
    registered.sections.set(key, component);
  },
  registerUserSettings(section: UserSettingsSection) {
    registered.userSettings = section;
  },
  registerRootComponent(component: React.ComponentType) {
    registered.root.push(component);
  },
  registerWebSocketEventHandler(event: string, handler: (event: ServerEvent) => void) {
    registered.events.set(event, [...(registered.events.get(event) ?? []), handler]);
  },
};

const registry = new Proxy(known, {
  get(target, name) {
    const method = target[String(name)];
    if (!String(name).startsWith("register") && !String(name).startsWith("unregister")) return undefined;
    return (...args: never[]) => {
      const result = method?.(...args);
      changed();
      return result ?? crypto.randomUUID();
    };
  },
});

let state: object = { entities: { general: { config: {} }, users: { currentUserId: "", profiles: {} } } };
const storeListeners = new Set<() => void>();
const configListeners = new Set<(config: unknown) => void>();
/** Somebody put a new server configuration into the store, as mattermost-redux does with RECEIVED_CONFIG. */
export function onConfigReceived(listener: (config: unknown) => void): () => void {
  configListeners.add(listener);
  return () => {
    configListeners.delete(listener);
  };
}
export const store = {
  getState: () => state,
  dispatch(action: unknown): unknown {
    if (typeof action === "function") return action(store.dispatch, store.getState);
    const { type, data } = action as { type?: string; data?: unknown };
    if (type === "RECEIVED_CONFIG") for (const listener of configListeners) listener(data);
    return action;
  },
  subscribe(listener: () => void) {
    storeListeners.add(listener);
    return () => storeListeners.delete(listener);
  },
};

interface Known {
  readonly me: User;
  readonly users: readonly User[];
  readonly teams: readonly Team[];
  readonly channels: readonly Channel[];
  readonly preferences: ReadonlyMap<string, string>;
}

/** The parts of the web app's Redux state that plugins commonly read. */
export function setStoreState({ me, users, teams, channels, preferences }: Known): void {
  const byId = <T extends { id: string }>(all: readonly T[]) =>
    Object.fromEntries(all.map((each) => [each.id, each]));
  const myPreferences = Object.fromEntries(
    [...preferences].map(([key, value]) => {
      const [category = "", ...name] = key.split("--");
      return [key, { user_id: me.id, category, name: name.join("--"), value }];
    }),
  );
  state = {
    entities: {
      general: { config: { SiteURL: location.origin + base }, serverVersion: "11.6.0" },
      users: { currentUserId: me.id, profiles: byId(users) },
      teams: { currentTeamId: teams[0]?.id ?? "", teams: byId(teams) },
      channels: { currentChannelId: "", channels: byId(channels) },
      preferences: { myPreferences },
    },
    views: {},
  };
  for (const listener of storeListeners) listener();
}

export function forwardEvent(event: ServerEvent): void {
  for (const handler of registered.events.get(event.event) ?? []) handler(event);
}

function useSelector<T>(select: (state: object) => T): T {
  return select(React.useSyncExternalStore(store.subscribe, store.getState));
}

Object.assign(window, {
  React,
  ReactDOM,
  ReactIntl: reactIntl,
  ReactRedux: {
    useSelector,
    useDispatch: () => store.dispatch,
    useStore: () => store,
    Provider: ({ children }: { children: React.ReactNode }) => children,
    connect: () => (component: unknown) => component,
  },
  Redux: { bindActionCreators: (actions: unknown) => actions, combineReducers: () => () => state },
  registerPlugin(_id: string, plugin: { initialize(registry: unknown, store: unknown): void }) {
    plugin.initialize(registry, store);
    changed();
  },
});

let loading: Promise<void> | null = null;
/** Loads the plugins' bundles once, after sign-in, as the web app does. */
export function loadPlugins(): Promise<void> {
  loading ??= fetch(`${base}/api/v4/plugins/webapp`)
    .then((response) => response.json())
    .then(async (plugins: { webapp: { bundle_path: string } }[]) => {
      for (const { webapp } of plugins) {
        await new Promise<void>((resolve) => {
          const script = document.createElement("script");
          script.src = base + webapp.bundle_path;
          script.onload = script.onerror = () => resolve();
          document.head.append(script);
        });
      }
    });
  return loading;
}
