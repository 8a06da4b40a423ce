/** The one way out: every call to Microsoft goes through this fetch, with our CAs, proxy and time limit. */

import type { ConfigSource } from "../config/index.ts";
import { proxyFor } from "./proxy.ts";

/** The part of `fetch` that the rooms use, so that tests can hand in a function. */
export type Fetch = (url: string | URL, init?: OutgoingInit) => Promise<Response>;

export type OutgoingInit = RequestInit & {
  /** Milliseconds from the first packet to the last byte of the body, in place of the usual limit. */
  readonly limitMs?: number;
};

/** Long enough for a slow link, short enough that a caller's own retry still means something. */
export const OUTGOING_TIMEOUT_MS = 20_000;

/**
 * A request that writes may take so long after the plugin's end: otherwise an activity that Microsoft is just accepting
 * would be sent again after the next start. A request that only reads ends at once.
 */
export const LAST_WRITE_MS = 1_000;

/**
 * `limitMs` counts from the first packet to the last byte of the body: a server that trickles gains nothing.
 * `life` is aborted when the plugin ends: then no new request is sent, and requests under way end.
 */
export function outgoingFetch(
  config: ConfigSource,
  environment: Record<string, string | undefined>,
  limitMs: number = OUTGOING_TIMEOUT_MS,
  life: AbortSignal = new AbortController().signal,
): Fetch {
  let trusted: { for: readonly string[]; all: string[] } | null = null;
  const writes = new AbortController();
  life.addEventListener("abort", () => setTimeout(() => writes.abort(life.reason), LAST_WRITE_MS).unref());

  // Bun's `tls.ca` replaces the default roots, hence all of them together.
  function authorities(own: readonly string[]): string[] {
    if (trusted?.for !== own) {
      // Loaded with the first request: it would cost every start of the plugin 2 ms.
      const { rootCertificates, getCACertificates } = process.getBuiltinModule("node:tls");
      trusted = { for: own, all: [...rootCertificates, ...getCACertificates("system"), ...own] };
    }
    return trusted.all;
  }

  return async (url, { limitMs: ownLimitMs = limitMs, ...init } = {}) => {
    life.throwIfAborted();
    const target = new URL(url);
    const setting = config.current.outgoingProxy?.reveal() ?? "";
    const proxy = proxyFor(target, { setting, environment });
    const reads = (init.method ?? "GET") === "GET" || init.method === "HEAD";
    const ends = [AbortSignal.timeout(ownLimitMs), reads ? life : writes.signal];
    return fetch(target, {
      // A redirect could carry a token or a secret to a host that nobody configured.
      redirect: "error",
      ...init,
      signal: AbortSignal.any(init.signal ? [init.signal, ...ends] : ends),
      tls: { ca: authorities(config.current.caCertificates) },
      ...(proxy === null ? {} : { proxy }),
    });
  };
}
