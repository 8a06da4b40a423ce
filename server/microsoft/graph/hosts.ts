/** Decides which addresses a call may go to. */

import type { Cloud } from "../clouds/clouds.ts";
import { GraphUnreachable } from "./errors.ts";

/**
 * Returns the address of a path, or a next link of Graph after checking that it is on the cloud's host. Throws
 * GraphUnreachable for a link to another host, because that host would get the token.
 */
export function graphUrl(cloud: Cloud, path: string): string {
  const base = `${cloud.graphUrl}/v1.0`;
  if (path.startsWith("/")) return base + path;
  const allowed = new URL(base);
  const url = URL.canParse(path) ? new URL(path) : null;
  const ours =
    url?.origin === allowed.origin &&
    url.pathname.startsWith(`${allowed.pathname}/`) &&
    url.username === "" &&
    url.password === "";
  if (!url || !ours) throw new GraphUnreachable("a link to a host that is not the cloud's Graph");
  return url.href;
}

/**
 * Checks an address to which Graph redirects downloads, or where an upload session runs: pre-authenticated addresses
 * of SharePoint and its storage. They carry their own authorisation and never get a token. Returns null for any other
 * host.
 */
export function storageUrl(cloud: Cloud, location: string): URL | null {
  const url = URL.canParse(location) ? new URL(location) : null;
  if (url?.username !== "" || url.password !== "") return null;
  if (url.origin === new URL(cloud.graphUrl).origin) return url;
  const known = cloud.fileHosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
  return known && url.protocol === "https:" && url.port === "" ? url : null;
}
