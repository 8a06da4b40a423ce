/**
 * Access to the web app around the console. The web app saves its whole copy of the server's configuration, not only
 * the changes: code that changes the configuration in another way must update that copy, or the next Save undoes the
 * change.
 */

import plugin from "../../../plugin.json";
import { hostGet, hostPatch } from "./api.ts";
import { notify, setValue } from "./live.ts";

interface AdminConfig {
  readonly PluginSettings?: {
    readonly Plugins?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
}

type Dispatch = (action: { readonly type: string; readonly data: unknown }) => unknown;
let dispatch: Dispatch = () => undefined;

export function setDispatch(given: Dispatch): void {
  dispatch = given;
}

/** mattermost-redux, AdminTypes.RECEIVED_CONFIG. */
const receive = (config: AdminConfig) => dispatch({ type: "RECEIVED_CONFIG", data: config });

export async function patchConfig(patch: object): Promise<void> {
  receive(await hostPatch<AdminConfig>("/api/v4/config/patch", patch));
}

/** The stored settings, as far as the admin may see them. */
export interface StoredSettings {
  readonly config: AdminConfig;
  readonly values: Readonly<Record<string, unknown>>;
}
export async function readStored(): Promise<StoredSettings> {
  const config = await hostGet<AdminConfig>("/api/v4/config");
  return { config, values: config.PluginSettings?.Plugins?.[plugin.id] ?? {} };
}
export function takeConfig({ config }: StoredSettings): void {
  receive(config);
  notify();
}

/** The plugin's server part has saved settings: shows them, even when something else was typed. */
export async function takeSavedSettings(keys: readonly string[]): Promise<void> {
  const stored = await readStored();
  receive(stored.config);
  for (const key of keys) setValue(key, stored.values[key] ?? "");
}
