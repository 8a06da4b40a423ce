/**
 * Graph clients for apps that were configured before, because only the app that made a subscription can delete it. A
 * former configuration is known only while this process remembers it; after that, its subscriptions expire within
 * three days.
 */

import type { Config, ConfigSource } from "../../config/index.ts";
import { createAppTokens } from "../../entra/app-token.ts";
import { createGraphClient } from "../../graph/client.ts";
import type { GraphClient } from "../../graph/index.ts";
import type { Fetch } from "../../network/index.ts";

interface App {
  readonly tenantId: string;
  readonly clientId: string;
}

/** Enough for an admin who tries a few registrations in a row. */
const KEPT = 8;
const key = ({ tenantId, clientId }: App) => `${tenantId} ${clientId}`;

export function formerGraphs(config: ConfigSource, fetch: Fetch): (app: App) => GraphClient | null {
  const former = new Map<string, Config>();
  config.onChange((next, previous) => {
    const { registration } = previous;
    if (!registration || (next.registration && key(next.registration) === key(registration))) return;
    former.set(key(registration), previous);
    const [oldest] = former.keys();
    if (former.size > KEPT && oldest !== undefined) former.delete(oldest);
  });
  return (app) => {
    const previous = former.get(key(app));
    if (!previous) return null;
    const fixed: ConfigSource = { current: previous, onChange: () => () => {} };
    return createGraphClient({ config: fixed, tokens: createAppTokens({ config: fixed, fetch }), fetch });
  };
}
