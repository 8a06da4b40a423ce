/**
 * What the web app offers to plugins' web halves: `window.registerPlugin`, a registry, a store, and the shared
 * libraries. Registrations that are not shown here are accepted silently.
 */

import * as Luxon from "luxon";
import * as React from "react";
import * as ReactDOM from "react-dom";
import { base, type Channel, type ServerEvent, type Team, type User } from "./api.ts";
import { reactIntl } from "./react-intl.ts";
import { useStore } from "./use-store.ts";
import type { UserSettingsSection } from "./user-settings-schema.ts";

interface HeaderButton {
  readonly icon: React.ReactNode;
  readonly action: (channel: Channel, member: object) => void;
  readonly tooltip: string;
}
interface MenuItem {
  readonly text: React.ReactNode;
  readonly action: (id: string) => void;
  /** Argument for a channel menu: the store's state; for a post menu: the post's id. */
  readonly shows: (given: unknown) => boolean;
}
interface SidebarComponent {
  readonly component: React.ComponentType;
  readonly title: React.ReactNode;
}

interface Registered {
  readonly settings: Map<string, { component: React.ComponentType<object>; showTitle: boolean }>;
  readonly sections: Map<string, React.ComponentType<object>>;
  /**
   * One handler per event and plugin: a new one replaces the old one (websocket_actions.ts of the web app).
   */
  readonly events: Map<string, (event: ServerEvent) => void>;
  readonly root: Map<string, React.ComponentType>;
  readonly headerButtons: Map<string, HeaderButton>;
  readonly headerIcons: Map<string, React.ComponentType<{ channel: Channel }>>;
  readonly channelMenu: Map<string, MenuItem>;
  readonly postMenu: Map<string, MenuItem>;
  readonly sidebars: Map<string, SidebarComponent>;
  userSettings: UserSettingsSection | null;
}

export const registered: Registered = {
  settings: new Map(),
  sections: new Map(),
  events: new Map(),
  root: new Map(),
  headerButtons: new Map(),
  headerIcons: new Map(),
  channelMenu: new Map(),
  postMenu: new Map(),
  sidebars: new Map(),
  userSettings: null,
};
let openSidebar: string | null = null;
/** The plugin's component in the right-hand sidebar, if one is open. */
export const rightHandSide = (): SidebarComponent | undefined =>
  openSidebar === null ? undefined : registered.sidebars.get(openSidebar);
export function closeRightHandSide(): void {
  openSidebar = null;
  changed();
}
const listeners = new Set<() => void>();
let version = 0;
const pluginVersion = () => version;
function onPluginChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
/** Renders again when a plugin registers something. */
export const usePlugins = () => useStore(onPluginChange, pluginVersion);
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
  registerRootComponent: (component: React.ComponentType) => put(registered.root, component),
  registerWebSocketEventHandler(event: string, handler: (event: ServerEvent) => void) {
    registered.events.set(event, handler);
  },
  registerReconnectHandler(handler: () => void) {
    registered.events.set("reconnected", handler);
  },
  registerRightHandSidebarComponent(component: React.ComponentType, title: React.ReactNode) {
    const id = put(registered.sidebars, { component, title });
    const open = (next: string | null) => () => {
      openSidebar = next;
      changed();
    };
    return {
      id,
      showRHSPlugin: open(id),
      hideRHSPlugin: open(null),
      toggleRHSPlugin: () => open(openSidebar === id ? null : id)(),
    };
  },
  registerChannelHeaderButtonAction: (
    icon: React.ReactNode,
    action: HeaderButton["action"],
    text: string,
    tooltip?: string,
  ) => put(registered.headerButtons, { icon, action, tooltip: tooltip ?? text }),
  registerChannelHeaderIcon: (component: React.ComponentType<{ channel: Channel }>) =>
    put(registered.headerIcons, component),
  registerChannelHeaderMenuAction: (
    text: React.ReactNode,
    action: MenuItem["action"],
    shows: MenuItem["shows"] = () => true,
  ) => put(registered.channelMenu, { text, action, shows }),
  registerPostDropdownMenuAction: (
    text: string,
    action: MenuItem["action"],
    shows: MenuItem["shows"] = () => true,
  ) => put(registered.postMenu, { text, action, shows }),
  unregisterComponent(id: string) {
    const { channelMenu, headerButtons, headerIcons, postMenu, root, sidebars } = registered;
    for (const map of [channelMenu, headerButtons, headerIcons, postMenu, root, sidebars]) map.delete(id);
  },
};

function put<T>(map: Map<string, T>, value: T): string {
  const id = crypto.randomUUID();
  map.set(id, value);
  return id;
}

/** The web app of Mattermost 10.11 has React 17. */
const isBefore115 = React.version.startsWith("17");

const registry = new Proxy(known, {
  get(target, name) {
    const method = target[String(name)];
    if (name === "registerChannelHeaderIcon" && isBefore115) return undefined;
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
/** Calls the listener on a new server configuration in the store, like RECEIVED_CONFIG of mattermost-redux. */
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
      channels: { currentChannelId, channels: byId(channels), myMembers: {} },
      preferences: { myPreferences },
      posts: { posts: shownPosts },
    },
    views: {},
  };
  for (const listener of storeListeners) listener();
}

let shownPosts: object = {};
/** Posts of the open channel. */
export function setPosts(posts: readonly { readonly id: string }[]): void {
  const { entities } = state as { entities: object };
  shownPosts = Object.fromEntries(posts.map((post) => [post.id, post]));
  state = { ...state, entities: { ...entities, posts: { posts: shownPosts } } };
  for (const listener of storeListeners) listener();
}

let currentChannelId = "";
export function setCurrentChannel(id: string): void {
  currentChannelId = id;
  const { entities } = state as { entities: { channels?: object } };
  state = { ...state, entities: { ...entities, channels: { ...entities.channels, currentChannelId } } };
  for (const listener of storeListeners) listener();
}

export function forwardEvent(event: ServerEvent): void {
  registered.events.get(event.event)?.(event);
}

function useSelector<T>(select: (state: object) => T): T {
  return select(useStore(store.subscribe, store.getState));
}

Object.assign(window, {
  React,
  ReactDOM,
  ReactIntl: reactIntl,
  Luxon,
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
/** Loads the plugins' bundles once, after sign-in, like the web app. */
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
