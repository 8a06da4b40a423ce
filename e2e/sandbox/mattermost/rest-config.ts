/** The configuration and the plugin over REST, as the System Console reads and saves them. */

import type { Context } from "hono";
import { FAKE_SETTING, type ServerConfig, sanitized } from "./config.ts";
import type { PluginBundle } from "./plugin-bundle.ts";
import type { App, Body, RestContext, RestPorts, Vars } from "./rest-context.ts";
import type { World } from "./world.ts";

export function configRoutes(app: App, { world, bundle }: RestPorts, context: RestContext): void {
  const { admin, body, mayReadConsole } = context;
  const enabled = () => pluginEnabled(world.config, bundle.id);
  app.get("/plugins/webapp", (c) =>
    c.json(
      bundle.webappPath && enabled()
        ? [{ ...bundle.manifest, webapp: { bundle_path: bundle.webappPath } }]
        : [],
    ),
  );
  app.get("/plugins", (c) => {
    mayReadConsole(c.get("user"));
    const [active, inactive] = enabled() ? [[bundle.manifest], []] : [[], [bundle.manifest]];
    return c.json({ active, inactive });
  });

  app.get("/config", (c) => {
    mayReadConsole(c.get("user"));
    return c.json(shownConfig(world, bundle));
  });
  /**
   * Which settings environment variables hold, as a tree of `true`; a nil map, `null`, if there is none.
   */
  app.get("/config/environment", (c) => {
    mayReadConsole(c.get("user"));
    if (world.lockedSettings.size === 0) return c.json(null);
    const tree: Record<string, unknown> = {};
    for (const path of world.lockedSettings) {
      let at = tree;
      const parts = path.split(".");
      for (const part of parts.slice(0, -1)) {
        at[part] ??= {};
        at = at[part] as Record<string, unknown>;
      }
      at[parts.at(-1) ?? ""] = true;
    }
    return c.json(tree);
  });
  const save = async (c: Context<Vars>) => {
    admin(c.get("user"));
    const given = (await body(c)) as ServerConfig;
    const next = structuredClone(world.config);
    for (const [section, settings] of Object.entries(given)) {
      if (section === "PluginSettings") continue;
      next[section] = { ...next[section], ...settings };
    }
    for (const [id, settings] of Object.entries(given.PluginSettings?.Plugins ?? {})) {
      const known = next.PluginSettings.Plugins[id] ?? {};
      const merged: Body = { ...known };
      for (const [key, value] of Object.entries(settings)) if (value !== FAKE_SETTING) merged[key] = value;
      next.PluginSettings.Plugins[id] = merged;
    }
    const states = given.PluginSettings?.PluginStates;
    if (states) next.PluginSettings.PluginStates = states;
    world.saveConfig(next);
    return c.json(shownConfig(world, bundle));
  };
  app.put("/config", save);
  app.put("/config/patch", save);
}

const pluginEnabled = (config: ServerConfig, id: string): boolean =>
  (config.PluginSettings.PluginStates as Record<string, { Enable?: boolean }>)[id]?.Enable !== false;

/** Settings that plugin.json marks as secret are stars here, as the server sends them to the console. */
function shownConfig(world: World, bundle: PluginBundle): ServerConfig {
  const config = sanitized(world.config);
  const settings = config.PluginSettings.Plugins[bundle.id] ?? {};
  for (const setting of bundle.settings)
    if (setting.secret && settings[setting.key]) settings[setting.key] = FAKE_SETTING;
  return config;
}
