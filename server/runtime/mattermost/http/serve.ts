import { type Broker, RpcError, type Stream } from "../../goplugin/index.ts";
import type { Logger } from "../log.ts";
import type { Awaitable, RequestContext } from "../wire/shapes.ts";
import type { HttpExchanges } from "./exchanges.ts";
import { type IncomingRequest, incomingRequest } from "./request.ts";
import { BodyFailed, sendResponse } from "./response.ts";
import { ResponseWriter } from "./response-writer.ts";
import type { ServeHttpArgs } from "./wire.ts";

export type HttpHandler = (request: Request, context: RequestContext) => Awaitable<Response>;

/** Shared by all requests of one plugin. */
export interface HttpServing {
  broker: Broker;
  handler: HttpHandler;
  log: Logger;
  exchanges: HttpExchanges;
}

/** The error that the hook returns: the client did not get a whole response, and we have no way left to send one. */
export class ResponseIncomplete extends Error {
  override readonly name = "ResponseIncomplete";
}

/**
 * Serves one request: the hooks ServeHTTP and ServeMetrics.
 *
 *   hook(ids) ─▶ dial response and body streams ─▶ Request ─▶ handler ─▶ Response ─▶ answer to the hook
 *
 * The hook returns no error once the client has a response: for an error, the server would log it and write another
 * 500 over our response. We send the 500 and the log line ourselves. When the response's stream broke, the hook does
 * return an error: otherwise the server would send an empty 200 in place of the missing part.
 */
export async function serveHttp(
  args: ServeHttpArgs,
  { broker, handler, log, exchanges }: HttpServing,
): Promise<Record<never, never>> {
  // Dials both at once, whatever the handler does: the server waits 5 s for each and logs an error otherwise.
  const responseStream = broker.dial(args.ResponseWriterStream);
  let bodyStream: Stream | null;
  try {
    bodyStream = args.RequestBodyStream === 0 ? null : broker.dial(args.RequestBodyStream);
  } catch (error) {
    responseStream.reset();
    throw error;
  }
  const abort = new AbortController();
  const writer = new ResponseWriter(responseStream, exchanges.server, (reason) => abort.abort(reason));
  const full = !exchanges.admit(writer);
  let incoming: IncomingRequest | null = null;
  try {
    if (!full) incoming = incomingRequest(args, bodyStream, abort, exchanges);
  } catch {
    // No web Request can represent it.
  }
  if (!incoming) bodyStream?.end();
  try {
    const response = incoming
      ? await answer(incoming, handler, log)
      : full
        ? plain(503, "Service Unavailable", { "Retry-After": "1" })
        : plain(400, "Bad Request");
    // In HTTP/2 this would end the connection for all requests on it, and there nothing waits for a body.
    const closes = args.Request.ProtoMajor === 1 && (incoming?.hasRest() ?? true);
    await sendResponse(response, args.Request.Method, writer, closes);
  } catch (error) {
    await sendFailure(error, args, writer, { abort, log });
  } finally {
    incoming?.close();
    exchanges.delete(writer);
    writer.end();
    if (writer.finished) await writer.finished;
  }
  return {};
}

async function answer(incoming: IncomingRequest, handler: HttpHandler, log: Logger): Promise<Response> {
  const { request, context } = incoming;
  try {
    if (request.headers.get("upgrade")?.toLowerCase() === "websocket")
      return plain(501, "WebSocket connections to plugins are not supported");
    const response = await handler(request, context);
    // A body that came too late is answered here, whatever the handler returned.
    if (incoming.timedOut()) return tooSlow();
    if (!(response instanceof Response)) throw new TypeError("the handler answered no Response");
    if (response.status < 200) throw new TypeError(`the handler answered with status ${response.status}`);
    return response;
  } catch (error) {
    if (incoming.timedOut()) return tooSlow();
    if (request.signal.aborted) return plain(499, "Client Closed Request");
    report(log, "request failed", { error, method: request.method, request_id: context.RequestId });
    return plain(500, "Internal Server Error");
  }
}

/**
 * Tells the client as much as possible when its response could not be sent. After an RpcError the client has
 * probably left, which is not a fault. But the server would end an incomplete response as if it were complete, so the
 * client's connection is closed in that case too.
 */
async function sendFailure(
  error: unknown,
  { Request: { Method }, Context }: ServeHttpArgs,
  writer: ResponseWriter,
  { abort, log }: { readonly abort: AbortController; readonly log: Logger },
): Promise<void> {
  const failed = error instanceof BodyFailed;
  if (failed && !abort.signal.aborted)
    report(log, "response failed", { error: error.cause, method: Method, request_id: Context.RequestId });
  let reason = error;
  let isAnswered = false;
  if (failed || error instanceof RpcError) {
    try {
      if (writer.hasBegun) await writer.cutOff();
      else if (failed) await sendResponse(plain(500, "Internal Server Error"), Method, writer);
      isAnswered = writer.hasBegun || failed;
    } catch (second) {
      // The client is gone, or its connection cannot be cut (HTTP/2): nothing more can be done.
      reason = second;
      isAnswered = writer.hasBegun;
    }
  }
  abort.abort(failed ? error.cause : error);
  if (writer.isLost || !isAnswered)
    throw new ResponseIncomplete(`the response is not complete: ${textOf(reason)}`);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tooSlow(): Response {
  return plain(408, "Request Timeout");
}

/** Never logs the path: it may contain secrets or personal data. */
function report(
  log: Logger,
  message: string,
  fields: { readonly error: unknown; readonly method: string; readonly request_id: string },
): void {
  log.error(message, fields);
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  const usual = { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" };
  return new Response(`${text}\n`, { status, headers: { ...usual, ...headers } });
}
