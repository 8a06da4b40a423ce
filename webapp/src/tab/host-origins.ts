/**
 * Decides from which origins the page accepts messages of its host. This replaces `internal/validOrigins` of teams-js
 * (webpack.config.mjs), for two reasons: the library fetches a list from res.cdn.office.net at every load, which
 * classified networks forbid; and that list contains every Microsoft host, while the page needs only the hosts that
 * may frame it: those of the configured cloud.
 */

import { readPageConfig } from "./page-config.ts";

/** Matches CSP host sources in the forms we use: `https://teams.example.com[:port]`, `https://*.example.com`. */
export function matchesSource(origin: URL, source: string): boolean {
  const parts = /^(https?:)\/\/(\*\.)?([^/:*]+)(?::(\d+))?$/.exec(source.toLowerCase());
  if (!parts) return false;
  const [, protocol, wildcard, host = "", port = ""] = parts;
  if (origin.protocol !== protocol || origin.port !== port) return false;
  return wildcard === undefined ? origin.hostname === host : origin.hostname.endsWith(`.${host}`);
}

export function mayHost(origin: URL, sources: readonly string[]): boolean {
  return sources.some((source) => matchesSource(origin, source));
}

// The names below are those that teams-js imports.

export async function validateOrigin(origin: URL): Promise<boolean> {
  return mayHost(origin, readPageConfig(document).hosts);
}

export async function prefetchOriginsFromCDN(): Promise<void> {}
