/**
 * The cookies of a session inside Microsoft 365. `Partitioned` gives Mattermost separate cookies per top-level site:
 * without it, browsers that block third-party cookies always end at the login page. The names are the server's
 * (model/session.go); `MMEMBED` makes the server itself answer with `SameSite=None` inside a frame.
 */

import type { SiteUrl } from "../../platform/settings/index.ts";

export interface CookieSession {
  readonly token: string;
  readonly csrf: string;
  readonly userId: string;
  /** How long the browser keeps them; milliseconds since 1970. */
  readonly until: number;
}

const ATTRIBUTES = "Secure; SameSite=None; Partitioned";
/** The same attributes as the server's own login, so that the server can renew and clear them. */
const WINDOW_ATTRIBUTES = "Secure; SameSite=Lax";

export interface CookieScope {
  readonly site: SiteUrl;
  readonly forSubdomains: boolean;
  readonly place: "frame" | "window";
}

/** Returns `Set-Cookie` values. `now`: milliseconds since 1970. */
export function sessionCookies(
  session: CookieSession,
  { site, forSubdomains, place }: CookieScope,
  now: number,
): string[] {
  const maxAge = Math.max(0, Math.floor((session.until - now) / 1000));
  const scope = scopeOf(site, forSubdomains, maxAge, place === "frame" ? ATTRIBUTES : WINDOW_ATTRIBUTES);
  const cookies = [
    `MMAUTHTOKEN=${plain(session.token)}; ${scope}; HttpOnly`,
    `MMUSERID=${plain(session.userId)}; ${scope}`,
    `MMCSRF=${plain(session.csrf)}; ${scope}`,
  ];
  return place === "frame" ? [...cookies, `MMEMBED=1; ${scope}`] : cookies;
}

/** A cookie is removed only by a line with the path, domain and partition it was set with. */
export function clearedCookies(site: SiteUrl, forSubdomains: boolean): string[] {
  const scope = scopeOf(site, forSubdomains, 0);
  return ["MMAUTHTOKEN", "MMUSERID", "MMCSRF", "MMEMBED"].map(
    (name) => `${name}=; ${scope}${name === "MMAUTHTOKEN" ? "; HttpOnly" : ""}`,
  );
}

function scopeOf(site: SiteUrl, forSubdomains: boolean, maxAge: number, attributes = ATTRIBUTES): string {
  const path = site.subpath === "" ? "/" : site.subpath;
  const domain = forSubdomains ? `; Domain=${site.hostname}` : "";
  return `Path=${path}${domain}; Max-Age=${maxAge}; ${attributes}`;
}

/** The server's ids are letters and digits; anything else could add attributes or headers. */
function plain(value: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(value)) throw new Error("a session value is not fit for a cookie");
  return value;
}
