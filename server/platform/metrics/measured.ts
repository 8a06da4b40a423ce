/** Metrics that no single feature owns: the process itself, and calls to the server. */

import type { Api } from "../../runtime/mattermost/index.ts";
import type { Metrics } from "./metrics.ts";

const LAG_EVERY_MS = 1_000;

/** Measures the process. Returns a function that stops measuring. */
export function watchProcess(metrics: Metrics, version: string): () => void {
  metrics.gauge("info", "Always 1; the version is a label").set(1, { version });
  const started = Date.now() / 1_000;
  metrics.watch("start_timestamp_seconds", "When this process started", () => started);
  metrics.watch("resident_memory_bytes", "Memory of this process", () => process.memoryUsage.rss());

  // The server gives up on a plugin that does not answer a ping within 10 s; growing lag warns of that.
  let longest = 0;
  let expected = performance.now() + LAG_EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - expected);
    expected = now + LAG_EVERY_MS;
  }, LAG_EVERY_MS);
  timer.unref();
  metrics.watch("event_loop_lag_seconds", "Longest delay of the event loop since the last look", () => {
    const seen = Math.max(longest, 0) / 1_000;
    longest = 0;
    return seen;
  });
  return () => clearInterval(timer);
}

/** Wraps the API so that every call is timed. */
export function measuredApi(api: Api, metrics: Metrics): Api {
  const seconds = metrics.histogram("api_call_seconds", "Calls of the plugin API by method and outcome");
  const timed = new Map<PropertyKey, unknown>();
  return new Proxy(api, {
    get(target, name, receiver) {
      const method = Reflect.get(target, name, receiver);
      if (typeof method !== "function") return method;
      const known = timed.get(name);
      if (known) return known;
      const measured = async (...args: unknown[]) => {
        const started = performance.now();
        let outcome = "error";
        try {
          const result = await method.apply(target, args);
          outcome = "ok";
          return result;
        } finally {
          seconds.observe((performance.now() - started) / 1_000, { method: String(name), outcome });
        }
      };
      timed.set(name, measured);
      return measured;
    },
  });
}
