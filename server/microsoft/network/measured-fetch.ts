/** Measures every call to Microsoft. */

import type { Metrics } from "../../platform/metrics/metrics.ts";
import type { ConfigSource } from "../config/index.ts";
import type { Fetch } from "./outgoing-fetch.ts";

/** Wraps fetch: counts every call by service and status. Never by address, because addresses name people. */
export function measuredFetch(fetch: Fetch, metrics: Metrics, config: ConfigSource): Fetch {
  const seconds = metrics.histogram("outgoing_request_seconds", "Calls to Microsoft by service and status");
  return async (url, init) => {
    const started = performance.now();
    let status = "unreachable";
    try {
      const response = await fetch(url, init);
      status = String(response.status);
      return response;
    } finally {
      const labels = { service: serviceOf(String(url), config), status };
      seconds.observe((performance.now() - started) / 1_000, labels);
    }
  };
}

function serviceOf(url: string, { current: { cloud, siteUrl } }: ConfigSource): string {
  if (url.startsWith(`${cloud.graphUrl}/`)) return "graph";
  if (siteUrl && url.startsWith(siteUrl.url)) return "site";
  return "entra";
}
