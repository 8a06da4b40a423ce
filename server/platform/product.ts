/**
 * The plugin's identity. Imported by name, so that the settings in plugin.json are not bundled into the executable.
 */

import { id, name, version } from "../../plugin.json" with { type: "json" };

export const product = { id, name, version } as const;
