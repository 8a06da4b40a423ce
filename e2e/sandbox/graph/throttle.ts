import { Refusal } from "./refusal.ts";

/** Requests per second for an app in a tenant (docs/facts/microsoft.md 3.4). */
export const limits = { oneUser: 5, bulk: 2, read: 30 } as const;

/** Counts requests in a sliding second; those over the limit get 429 with the seconds to wait. */
export class Throttle {
  enabled = true;
  readonly #recent = new Map<string, number[]>();

  check(kind: keyof typeof limits, appId: string, now = Date.now()): void {
    if (!this.enabled) return;
    const key = `${kind} ${appId}`;
    const recent = (this.#recent.get(key) ?? []).filter((at) => at > now - 1_000);
    this.#recent.set(key, recent);
    // A refused request counts too, so retrying without a wait does not help.
    recent.push(now);
    if (recent.length > limits[kind])
      throw new Refusal(429, "TooManyRequests", "Too many requests.", { headers: { "Retry-After": "1" } });
  }
}
