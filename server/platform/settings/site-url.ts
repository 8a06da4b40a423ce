/**
 * Parses the address of the Mattermost server, and derives the identifier that everything at Microsoft depends on.
 */

import { pastedValue } from "./pasted.ts";

export interface SiteUrl {
  /** Without a trailing slash: `https://chat.example.com:8443/mattermost`. */
  readonly url: string;
  readonly origin: string;
  /** Host with port: `chat.example.com:8443`. */
  readonly host: string;
  /** Host without port, lower case. */
  readonly hostname: string;
  /** `""` or `"/mattermost"`. */
  readonly subpath: string;
  /**
   * True for https, and for http on localhost, the one exception that browsers make: cookies with `Secure` and frames
   * inside Microsoft 365 need https.
   */
  readonly secure: boolean;
}

/** Returns `null` when the text is not an absolute http(s) address. */
export function parseSiteUrl(text: string): SiteUrl | null {
  let url: URL;
  try {
    url = new URL(pastedValue(text));
  } catch {
    return null;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return null;
  const subpath = url.pathname.replace(/\/+$/, "");
  return {
    url: url.origin + subpath,
    origin: url.origin,
    host: url.host,
    hostname: url.hostname.toLowerCase(),
    subpath,
    secure: url.protocol === "https:" || url.hostname === "localhost",
  };
}

/**
 * Returns `api://{host}/{clientId}`: the host name alone, in lower case, without port or path, even under a sub-path.
 * Manifest, checks, set-up and token validation all call this function; the earlier plugin built the URI in two ways
 * and refused its own tokens under a sub-path.
 */
export function applicationIdUri(site: Pick<SiteUrl, "hostname">, clientId: string): string {
  return `api://${site.hostname}/${clientId.toLowerCase()}`;
}
