/** Every call to Microsoft goes through this fetch, with our CAs, proxy and time limit. */

import type { ConfigSource } from "../config/index.ts";
import { proxyFor } from "./proxy.ts";

/** The part of `fetch` that the product uses, so that tests can pass a function. */
export type Fetch = (url: string | URL, init?: OutgoingInit) => Promise<Response>;

export type OutgoingInit = RequestInit & {
  /** Milliseconds from the first packet to the last byte of the body, instead of the usual limit. */
  readonly limitMs?: number;
};

/** Long enough for a slow link, short enough that a caller's own retry still makes sense. */
export const OUTGOING_TIMEOUT_MS = 20_000;

/**
 * How long a write may continue after the plugin has ended: otherwise an activity that Microsoft is just accepting
 * would be sent again after the next start. A read ends at once.
 */
const LAST_WRITE_MS = 1_000;

/**
 * `limitMs` runs from the first packet to the last byte of the body, so a server that trickles gains nothing. `life`
 * is aborted when the plugin ends: then no new request is sent, and requests in progress end.
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

  // Bun's `tls.ca` replaces the default roots, so we pass all of them together.
  function authorities(own: readonly string[]): string[] {
    if (trusted?.for !== own) {
      // Loaded with the first request: it would cost every start of the plugin 2 ms.
      const { rootCertificates, getCACertificates } = process.getBuiltinModule("node:tls");
      trusted = { for: own, all: distinct([...rootCertificates, ...getCACertificates("system"), ...own]) };
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

/**
 * Drops duplicates: most of the system's roots are also Bun's. Bun reads the whole list with every request, so half the
 * list takes half the time.
 */
function distinct(certificates: readonly string[]): string[] {
  return [...new Map(certificates.map((one) => [one.replaceAll(/\s/g, ""), one])).values()];
}
