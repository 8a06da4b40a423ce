/** Who this plugin is. By name, so that the settings of plugin.json stay out of the executable. */

import { id, name, version } from "../../plugin.json" with { type: "json" };

export const product = { id, name, version } as const;
