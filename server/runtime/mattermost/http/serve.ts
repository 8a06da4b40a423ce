import type { Broker } from "../../goplugin/index.ts";
import type { Logger } from "../log.ts";
import type { Awaitable, RequestContext } from "../wire/shapes.ts";
import { type IncomingRequest, incomingRequest } from "./request.ts";
import { BodyFailed, sendResponse } from "./response.ts";
import { ResponseWriter } from "./response-writer.ts";
import type { ServeHttpArgs } from "./wire.ts";

export type HttpHandler = (request: Request, context: RequestContext) => Awaitable<Response>;

/**
 * Serves one request: the hooks ServeHTTP and ServeMetrics.
 *
 *   hook(ids) ─▶ dial response and body streams ─▶ Request ─▶ handler ─▶ Response ─▶ answer to the hook
 *
 * The hook is always answered without an error: with one, the server would log it and write a 500 of its own over
 * what was sent. What went wrong is our 500, and our log.
 */
export async function serveHttp(
  args: ServeHttpArgs,
  broker: Broker,
  handler: HttpHandler,
  log: Logger,
): Promise<Record<never, never>> {
  // Both at once, whatever the handler does: the server waits 5 s for each and logs an error otherwise.
  const responseStream = broker.dial(args.ResponseWriterStream);
  const bodyStream = args.RequestBodyStream === 0 ? null : broker.dial(args.RequestBodyStream);
  const abort = new AbortController();
  const writer = new ResponseWriter(responseStream, (reason) => abort.abort(reason));
  let incoming: IncomingRequest | null = null;
  try {
    incoming = incomingRequest(args, bodyStream, abort);
  } catch {
    bodyStream?.end();
  }
  try {
    const response = incoming ? await answer(incoming, handler, log) : plain(400, "Bad Request");
    await sendResponse(response, args.Request.Method, writer);
  } catch (error) {
    await sendFailure(error, args, writer, abort, log);
  } finally {
    incoming?.close();
    writer.end();
  }
  return {};
}

async function answer(
  { request, context }: IncomingRequest,
  handler: HttpHandler,
  log: Logger,
): Promise<Response> {
  try {
    if (request.headers.get("upgrade")?.toLowerCase() === "websocket")
      return plain(501, "WebSocket connections to plugins are not supported");
    const response = await handler(request, context);
    if (!(response instanceof Response)) throw new TypeError("the handler answered no Response");
    if (response.status < 200) throw new TypeError(`the handler answered with status ${response.status}`);
    return response;
  } catch (error) {
    if (request.signal.aborted) return plain(499, "Client Closed Request");
    report(log, "request failed", error, request.method, context);
    return plain(500, "Internal Server Error");
  }
}

/** What is left to tell the client when its response could not be sent. */
async function sendFailure(
  error: unknown,
  { Request: { Method }, Context }: ServeHttpArgs,
  writer: ResponseWriter,
  abort: AbortController,
  log: Logger,
): Promise<void> {
  if (!(error instanceof BodyFailed)) {
    abort.abort(error);
    return;
  }
  if (!abort.signal.aborted) report(log, "response failed", error.cause, Method, Context);
  try {
    if (error.started) await writer.cutOff();
    else await sendResponse(plain(500, "Internal Server Error"), Method, writer);
  } catch {
    // The client is gone, or its connection cannot be cut (HTTP/2): it has what it has.
  }
  abort.abort(error.cause);
}

/** Never the path: it may hold what a log must not. */
function report(
  log: Logger,
  message: string,
  error: unknown,
  method: string,
  context: { RequestId: string },
): void {
  log.error(message, { error, method, request_id: context.RequestId });
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" },
  });
}
