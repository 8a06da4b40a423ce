/** The reference to an uploaded file in a message (docs/facts/microsoft-chat.md 6.3 and 6.5). */

import type { DriveItem } from "../graph/index.ts";

/** A file of a post: already uploaded for Teams, or not. */
export type SentFile =
  | { readonly name: string; readonly graphGuid: string; readonly contentUrl: string }
  | { readonly name: string; readonly failed: true };

/**
 * Returns the reference. The extensions of address and name must agree, and the address of an Office editor has none.
 */
export function sentFile({ eTag, name, webDavUrl, webUrl }: DriveItem): SentFile {
  const graphGuid = /\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?/i.exec(eTag)?.[1];
  const [contentUrl] = [webUrl, webDavUrl, webUrl].flatMap((address, at) =>
    address && (at === 2 || extensionOf(address) === extensionOf(name)) ? [address] : [],
  );
  return graphGuid && contentUrl ? { name, graphGuid, contentUrl } : { name, failed: true };
}

const extensionOf = (address: string) => /\.(\w+)$/.exec(address.split(/[?#]/)[0] ?? "")?.[1]?.toLowerCase();
