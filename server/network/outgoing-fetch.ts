/** The one way out: every call to Microsoft goes through this fetch, with our CAs, proxy and time limit. */

import type { ConfigSource } from "../config/index.ts";
import { proxyFor } from "./proxy.ts";

/** The part of `fetch` that the rooms use, so that tests can hand in a function. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Long enough for a slow link, short enough that a caller's own retry still means something. */
export const OUTGOING_TIMEOUT_MS = 20_000;

/** `limitMs` counts from the first packet to the last byte of the body: a server that trickles gains nothing. */
export function outgoingFetch(
  config: ConfigSource,
  environment: Record<string, string | undefined>,
  limitMs: number = OUTGOING_TIMEOUT_MS,
): Fetch {
  let trusted: { for: readonly string[]; all: string[] } | null = null;

  // Bun's `tls.ca` replaces the default roots, hence all of them together.
  function authorities(own: readonly string[]): string[] {
    if (trusted?.for !== own) {
      // Loaded with the first request: it would cost every start of the plugin 2 ms.
      const { rootCertificates, getCACertificates } = process.getBuiltinModule("node:tls");
      trusted = { for: own, all: [...rootCertificates, ...getCACertificates("system"), ...own] };
    }
    return trusted.all;
  }

  return async (url, init = {}) => {
    const target = new URL(url);
    const proxy = proxyFor(target, { setting: config.current.settings.outgoing_proxy, environment });
    const timeout = AbortSignal.timeout(limitMs);
    return fetch(target, {
      // A redirect could carry a token or a secret to a host that nobody configured.
      redirect: "error",
      ...init,
      signal: init.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
      tls: { ca: authorities(config.current.caCertificates) },
      ...(proxy === null ? {} : { proxy }),
    });
  };
}
