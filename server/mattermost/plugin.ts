import type { PluginHost } from "./host.ts";
import type { Hooks } from "./wire/hooks.gen.ts";

/** A plugin's hooks, or a function that makes them from what the server offers. */
export type PluginDefinition = Hooks | ((host: PluginHost) => Hooks);

export interface Plugin {
  readonly define: (host: PluginHost) => Hooks;
}

export function definePlugin(definition: PluginDefinition): Plugin {
  return { define: typeof definition === "function" ? definition : () => definition };
}
