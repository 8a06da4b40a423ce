import { api } from "../api.ts";

export interface Setting {
  readonly key: string;
  readonly display_name?: string;
  readonly type: string;
  readonly help_text?: string;
  readonly placeholder?: string;
  readonly default?: unknown;
  readonly options?: readonly { readonly display_name: string; readonly value: string }[];
  readonly secret?: boolean;
}
export interface Section {
  readonly key: string;
  readonly title?: string;
  readonly subtitle?: string;
  readonly custom?: boolean;
  readonly settings: readonly Setting[];
}
export interface Manifest {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly settings_schema?: {
    readonly header?: string;
    readonly settings?: readonly Setting[];
    readonly sections?: readonly Section[];
  };
}

/** The web app's own copy of the server's configuration: read once, sent as a whole by every Save. */
export interface Config {
  readonly PluginSettings: {
    readonly Plugins: Record<string, Values>;
    readonly PluginStates: Record<string, { readonly Enable: boolean }>;
  };
}
export type Values = Record<string, unknown>;

/** The id of a plugin's setting in the web app; dots of the plugin's id become plus signs. */
export const settingId = (pluginId: string, key: string) =>
  `PluginSettings.Plugins.${pluginId.replaceAll(".", "+")}.${key.toLowerCase()}`;

export const enableId = (pluginId: string) => `PluginSettings.PluginStates.${pluginId}.Enable`;

export const allSettings = (manifest: Manifest): Setting[] => [
  ...(manifest.settings_schema?.settings ?? []),
  ...(manifest.settings_schema?.sections ?? []).flatMap((section) => section.settings),
];

/** What the page shows of a configuration: only the stored values, no defaults. */
export function stateFrom(config: Config, manifest: Manifest): Values {
  const stored = config.PluginSettings.Plugins[manifest.id] ?? {};
  const state: Values = {
    [enableId(manifest.id)]: config.PluginSettings.PluginStates[manifest.id]?.Enable !== false,
  };
  for (const { key } of allSettings(manifest))
    state[settingId(manifest.id, key)] = stored[key.toLowerCase()] ?? undefined;
  return state;
}

/** The whole configuration, as Save sends it. */
export function configFrom(config: Config, manifest: Manifest, state: Values): Config {
  const next = structuredClone(config);
  const plugin = next.PluginSettings.Plugins[manifest.id] ?? {};
  for (const { key } of allSettings(manifest)) {
    const value = state[settingId(manifest.id, key)];
    if (value !== undefined) plugin[key.toLowerCase()] = value;
  }
  next.PluginSettings.Plugins[manifest.id] = plugin;
  next.PluginSettings.PluginStates[manifest.id] = { Enable: state[enableId(manifest.id)] === true };
  return next;
}

/**
 * Walks the answer of `/config/environment` like schema_admin_settings.tsx: it does not see a leaf above the key.
 */
export function isSetByEnv(environment: unknown, id: string): boolean {
  let at: unknown = environment;
  for (const part of id.split(".")) {
    if (!at) return false;
    at = (at as Record<string, unknown>)[part.replaceAll("+", ".")];
  }
  return Boolean(at);
}

export interface Loaded {
  readonly manifest: Manifest;
  readonly config: Config;
  readonly environment: unknown;
}

export async function load(): Promise<Loaded | null> {
  const [plugins, config, environment] = await Promise.all([
    api<{ active: Manifest[]; inactive: Manifest[] }>("/plugins"),
    api<Config>("/config"),
    api<unknown>("/config/environment"),
  ]);
  const [manifest] = [...plugins.active, ...plugins.inactive];
  return manifest ? { manifest, config, environment } : null;
}

export const save = (config: Config) => api<Config>("/config/patch", config, "PUT");
