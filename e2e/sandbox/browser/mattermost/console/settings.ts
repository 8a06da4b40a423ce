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

export type Values = Record<string, unknown>;
type Config = { PluginSettings: { Plugins: Record<string, Values> } };
type Tree = { [key: string]: Tree | boolean | undefined };

/** The id under which the web app knows a plugin's setting; dots of the plugin's id become plus signs. */
export const settingId = (pluginId: string, key: string) =>
  `PluginSettings.Plugins.${pluginId.replaceAll(".", "+")}.${key.toLowerCase()}`;

export interface Loaded {
  readonly manifest: Manifest;
  readonly values: Values;
  readonly config: unknown;
  /** Keys that environment variables hold. */
  readonly locked: ReadonlySet<string>;
}

export async function load(): Promise<Loaded | null> {
  const [plugins, config, environment] = await Promise.all([
    api<Manifest[]>("/plugins/webapp"),
    api<Config>("/config"),
    api<Tree>("/config/environment"),
  ]);
  const [manifest] = plugins;
  if (!manifest) return null;
  const stored = config.PluginSettings.Plugins[manifest.id] ?? {};
  const values: Values = {};
  for (const setting of allSettings(manifest))
    values[setting.key.toLowerCase()] = stored[setting.key.toLowerCase()] ?? setting.default;
  const plugin = (environment.PluginSettings as Tree | undefined)?.Plugins as Tree | undefined;
  const locked = Object.keys((plugin?.[manifest.id] as Tree | undefined) ?? {});
  return { manifest, values, config, locked: new Set(locked) };
}

export const allSettings = (manifest: Manifest): Setting[] => [
  ...(manifest.settings_schema?.settings ?? []),
  ...(manifest.settings_schema?.sections ?? []).flatMap((section) => section.settings),
];

export async function save(pluginId: string, values: Values): Promise<void> {
  await api("/config/patch", { PluginSettings: { Plugins: { [pluginId]: values } } }, "PUT");
}
