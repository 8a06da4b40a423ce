import type { World } from "./world.ts";

/** As an admin who changes these settings of the plugin and saves. */
export function savePluginSettings(
  world: World,
  pluginId: string,
  changed: Readonly<Record<string, unknown>>,
): void {
  const next = structuredClone(world.config);
  next.PluginSettings.Plugins[pluginId] = { ...next.PluginSettings.Plugins[pluginId], ...changed };
  world.saveConfig(next);
}
