import type { World } from "./world.ts";

/** Changes these settings of the plugin like an admin who saves the page. */
export function savePluginSettings(
  world: World,
  pluginId: string,
  changed: Readonly<Record<string, unknown>>,
): void {
  const next = structuredClone(world.config);
  next.PluginSettings.Plugins[pluginId] = { ...next.PluginSettings.Plugins[pluginId], ...changed };
  world.saveConfig(next);
}
