/** A part of a file to the pre-authenticated address of an upload session. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import { storageUrl } from "../../microsoft/graph/hosts.ts";
import { GraphUnreachable } from "../../microsoft/graph/index.ts";
import type { Fetch } from "../../microsoft/network/index.ts";

const LIMIT_MS = 120_000;

/** The address carries its own authority: it must be one of the cloud's hosts, and gets no token. */
export function putRange(fetch: Fetch, config: ConfigSource) {
  return async (url: string, range: string, bytes: Uint8Array): Promise<unknown> => {
    const target = storageUrl(config.current.cloud, url);
    if (!target) throw new GraphUnreachable("an upload to a host that is not the cloud's");
    const response = await fetch(target, {
      method: "PUT",
      headers: { "Content-Range": range },
      body: new Uint8Array(bytes),
      limitMs: LIMIT_MS,
    }).catch((error: unknown) => {
      throw new GraphUnreachable("an upload was cut off", { cause: error });
    });
    if (!response.ok) throw new GraphUnreachable(`an upload was answered with ${response.status}`);
    return response.json().catch(() => null);
  };
}
