import type { Authority } from "../sandbox/tls/authority.ts";
import { TlsServer } from "../sandbox/tls/server.ts";
import type { Host } from "./host.ts";

/**
 * An https server through which Graph reaches a plugin under the Go host, with the paths of the Mattermost server.
 */
export function httpsFront(authority: Authority, plugin: string, host: () => Pick<Host, "fetch">): TlsServer {
  return new TlsServer(authority, async (request) => {
    const { pathname, search } = new URL(request.url);
    const path = pathname.slice(`/plugins/${plugin}`.length);
    const body = request.method === "GET" ? undefined : await request.bytes();
    const headers = Object.fromEntries(request.headers);
    return host()
      .fetch(path + search, { method: request.method, headers, ...(body ? { body } : {}) })
      .catch(() => new Response("down", { status: 502 }));
  });
}
