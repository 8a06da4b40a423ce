/** A fake host without a server: the build composes the features on it to read what they declare. */

import type { PluginHost } from "../runtime/mattermost/index.ts";

/** A proxy that answers every access with itself. */
function anything<T>(): T {
  const self: unknown = new Proxy(() => self, {
    get: (_, name) => (name === "then" ? undefined : self),
  });
  return self as T;
}

export const unreachableHost = (): PluginHost =>
  ({
    ...{ api: anything(), kv: anything(), log: anything(), cluster: anything() },
    ...{ settings: anything(), supports: anything(), siteUrl: anything() },
    ...{ serverVersion: anything(), bundlePath: anything() },
    signal: new AbortController().signal,
  }) as PluginHost;
