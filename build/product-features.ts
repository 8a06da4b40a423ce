/** The product's features without a server: put together on a host that nobody asks anything, to print what they declare. */

import { productFeatures } from "../server/main.ts";
import { createServices } from "../server/people/services.ts";
import type { Feature } from "../server/platform/feature.ts";
import type { PluginHost } from "../server/runtime/mattermost/index.ts";

/** Answers anything with itself: a feature is put together without touching what it stands on. */
export function untouched<T>(): T {
  const anything: unknown = new Proxy(() => anything, {
    get: (_, name) => (name === "then" ? undefined : anything),
  });
  return anything as T;
}

export function declaredFeatures(): readonly Feature[] {
  const host = {
    ...{ api: untouched(), kv: untouched(), log: untouched(), cluster: untouched() },
    ...{ settings: untouched(), supports: untouched(), siteUrl: untouched() },
    ...{ serverVersion: untouched(), bundlePath: untouched() },
    signal: new AbortController().signal,
  } as PluginHost;
  return productFeatures(createServices(host, { id: "mission-collaboration", name: "" }, {})).features;
}
