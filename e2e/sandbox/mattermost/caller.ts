/** The plugin process that calls the API. */

import type { World } from "./world.ts";

/** The settings of plugin.json, including those of sections. */
export interface ManifestSettings {
  readonly settings: readonly { readonly key: string; readonly default?: unknown }[];
}

/** One plugin process on one node, as the API sees its caller. */
export interface Caller {
  readonly world: World;
  readonly pluginId: string;
  readonly node: string;
  readonly manifest: ManifestSettings;
  readonly bundlePath: string;
}
