/** A host that nobody asks anything: features are put together on it to read what they declare, without a server. */

import type { PluginHost } from "../runtime/mattermost/index.ts";

/** Answers anything with itself. */
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
