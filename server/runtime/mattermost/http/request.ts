import { withoutFtl } from "../../engine/tiers.ts";
import type { Stream } from "../../goplugin/index.ts";
import { InputTimeout, RemoteReader } from "../remote-reader.ts";
import type { RequestContext } from "../wire/shapes.ts";
import type { HttpExchanges } from "./exchanges.ts";
import { headersFromGo } from "./headers.ts";
import { BODY_SECONDS } from "./limits.ts";
import type { HttpRequest, ServeHttpArgs } from "./wire.ts";

export interface IncomingRequest {
  request: Request;
  context: RequestContext;
  /** True when the body did not arrive in time. */
  timedOut(): boolean;
  /** True when a body exists, or may exist, that was not read to its end. */
  hasRest(): boolean;
  /** Releases the part of the body that the handler did not read. */
  close(): void;
}

/** The server sent a request that no web-standard Request can represent. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
}

/** Makes the web-standard request from the server's arguments. @throws BadRequest, BadHeader */
export function incomingRequest(
  args: ServeHttpArgs,
  body: Stream | null,
  abort: AbortController,
  exchanges: HttpExchanges,
): IncomingRequest {
  const { Request: from } = args;
  const headers = headersFromGo(from.Header);
  const init: RequestInit & { duplex?: "half" } = { method: from.Method, headers, signal: abort.signal };
  let reader: RemoteReader | null = null;
  if (body && mayHaveBody(from.Method, headers)) {
    const [route] = from.URL.split("?", 1);
    const own: RemoteReader = new RemoteReader(body, {
      expectedBytes: contentLength(headers),
      onFailure: (reason) => abort.abort(reason),
      idleSeconds: exchanges.bodyIdleSeconds,
      totalSeconds: BODY_SECONDS,
      seconds: exchanges.seconds,
      onAsked: () => exchanges.bodies.add(`${from.Method} ${route}`, own),
      onOver: () => exchanges.bodies.delete(own),
    });
    reader = own;
    init.body = reader.readable;
    init.duplex = "half";
  } else {
    body?.end();
  }
  const context: RequestContext = {
    ...args.Context,
    userId: from.Header["Mattermost-User-Id"]?.[0] || null,
    sourcePluginId: from.Header["Mattermost-Plugin-Id"]?.[0] || null,
  };
  const request = new Request(absolute(from), init);
  // Bun replaces every method it does not know by GET.
  if (request.method !== from.Method) throw new BadRequest("no such method");
  const timedOut = () => abort.signal.aborted && abort.signal.reason instanceof InputTimeout;
  const given = contentLength(headers);
  const hasRest = () => (reader ? !(reader.isOver && !abort.signal.aborted) : given !== null && given > 0);
  return { request, context, timedOut, hasRest, close: () => reader?.close() };
}

/** Web requests have no body with these two methods, although HTTP allows one. */
function mayHaveBody(method: string, headers: Headers): boolean {
  return method !== "GET" && method !== "HEAD" && headers.get("content-length") !== "0";
}

export function contentLength(headers: Headers): number | null {
  const value = headers.get("content-length");
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

/** The scheme is unknown here, and the host is whatever the client sent: do not base decisions on either. */
function absolute({ URL: target, Host: host }: HttpRequest): string {
  const path = target.startsWith("/") ? target : `/${target}`;
  return `http://${validHost.test(host) ? host : "localhost"}${path}`;
}
const validHost = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

withoutFtl(incomingRequest);
