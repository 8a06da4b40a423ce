/** What this person may do in the console, and which settings the server's environment fixes. */

import * as React from "react";
import plugin from "../../../plugin.json";
import { hostGet } from "./api.ts";
import { notify } from "./live.ts";

/**
 * True when the host shows the page read-only: to delegated admins, and while *Enable Plugin* is being switched off.
 */
export const ReadOnly = React.createContext(false);

let systemAdmin = true;
export function setSystemAdmin(is: boolean): void {
  systemAdmin = is;
}
/** The plugin's own routes answer only system admins; a delegated admin sees just the settings. */
export const isSystemAdmin = (): boolean => systemAdmin;

type Tree = { readonly [key: string]: Tree | boolean | undefined };
let environment: Tree = {};
let asked: Promise<void> | null = null;

/** `GET /api/v4/config/environment` answers `null` when no variable overrides anything. */
export function loadEnvironment(): Promise<void> {
  asked ??= hostGet<Tree | null>("/api/v4/config/environment").then(
    (tree) => {
      environment = tree ?? {};
      notify();
    },
    () => {
      // Not allowed to ask; the host's own `setByEnv` remains.
      asked = null;
    },
  );
  return asked;
}

const at = (path: readonly string[]): Tree | boolean | undefined =>
  path.reduce<Tree | boolean | undefined>(
    (tree, part) => (typeof tree === "object" ? tree[part] : tree),
    environment,
  );

/** Returns the variable that fixes a server setting such as `ServiceSettings.FrameAncestors`, else `null`. */
export const variableOf = (section: string, key: string): string | null =>
  at([section, key]) === true ? `MM_${section}_${key}`.toUpperCase() : null;

/**
 * The same for a setting of this plugin. Mattermost has one variable for the settings of all plugins,
 * `MM_PLUGINSETTINGS_PLUGINS` with JSON in it, and answers `true` at a level above our keys, where the System Console
 * does not look. `setByEnv` is the console's own result.
 */
export function lockedBy(key: string, setByEnv = false): string | null {
  const whole = variableOf("PluginSettings", "Plugins");
  if (whole) return whole;
  const single = at(["PluginSettings", "Plugins", plugin.id, key]) === true || setByEnv;
  return single ? `MM_PLUGINSETTINGS_PLUGINS_${plugin.id}_${key}`.toUpperCase() : null;
}
