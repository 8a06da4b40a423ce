import type { Sandbox } from "../sandbox.ts";
import { TlsServer } from "./server.ts";

/**
 * Graph needs https, so this server forwards its requests to the plugin. Graph therefore uses another address.
 */
export function httpsFront({ authority, siteUrl }: Pick<Sandbox, "authority" | "siteUrl">): TlsServer {
  const front = new TlsServer(authority, async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.method === "GET" ? null : await request.arrayBuffer();
    const headers = { "Content-Type": request.headers.get("Content-Type") ?? "" };
    return fetch(`${siteUrl}${pathname}${search}`, { method: request.method, headers, body }).catch(
      () => new Response("down", { status: 502 }),
    );
  });
  front.listen(0);
  return front;
}
