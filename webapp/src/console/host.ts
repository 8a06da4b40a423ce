/**
 * The web app around the console. It saves its whole copy of the server's configuration, not only what changed:
 * whoever changes the configuration behind its back has to bring that copy up to date, or the next Save undoes it.
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

/** What is stored now, as the admin may see it. */
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

/** The plugin's server half saved settings: shows them, also where something else was typed. */
export async function takeSavedSettings(keys: readonly string[]): Promise<void> {
  const stored = await readStored();
  receive(stored.config);
  for (const key of keys) setValue(key, stored.values[key] ?? "");
}
