/** One thin client for Microsoft Graph: token, retry, Retry-After, time limit, typed errors. */

import { z } from "zod";
import type { ConfigSource } from "../config/index.ts";
import type { AppTokens } from "../entra/app-token.ts";
import { lazy } from "../lazy.ts";
import { type Fetch, retryAfter } from "../network/index.ts";
import { GraphError, GraphUnreachable } from "./errors.ts";

export interface GraphRequest<T> {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** Without version: `/appCatalogs/teamsApps?…`. */
  readonly path: string;
  readonly body?: unknown;
  /** Sent as application/zip, in place of `body`. */
  readonly zip?: Uint8Array<ArrayBuffer>;
  /** Parses the answer's JSON; without it the body is not read (202, 204). */
  readonly answer?: z.ZodType<T>;
  /** A person's own token (on-behalf-of); without it the app's. */
  readonly token?: string;
  readonly minimumMinutesLeft?: number;
  /** Tries in all. Default 3 for GET, 1 for everything else: those callers have a queue of their own. */
  readonly tries?: number;
}

export interface GraphClient {
  /** Throws GraphError, GraphUnreachable, or the token's ProductError. */
  request<T = void>(request: GraphRequest<T>): Promise<T>;
}

export interface GraphPorts {
  readonly config: ConfigSource;
  readonly tokens: AppTokens;
  readonly fetch: Fetch;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  readonly random?: () => number;
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const FIRST_BACKOFF_MS = 500;
const LONGEST_WAIT_MS = 30_000;

const envelope = lazy(() =>
  z.object({
    error: z.object({
      code: z.string().optional(),
      message: z.string().optional(),
      innerError: z.object({ code: z.string().optional(), "request-id": z.string().optional() }).optional(),
    }),
  }),
);

export function createGraphClient(ports: GraphPorts): GraphClient {
  const now = ports.now ?? Date.now;
  const sleep = ports.sleep ?? Bun.sleep;
  const random = ports.random ?? Math.random;

  async function once<T>(request: GraphRequest<T>): Promise<T> {
    const token = request.token ?? (await ports.tokens.token(request.minimumMinutesLeft ?? 5));
    const headers: Record<string, string> = { Authorization: `Bearer ${token}`, Accept: "application/json" };
    if (request.zip) headers["Content-Type"] = "application/zip";
    else if (request.body !== undefined) headers["Content-Type"] = "application/json";
    const body = request.zip ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
    let response: Response;
    let text = "";
    try {
      response = await ports.fetch(`${ports.config.current.cloud.graphUrl}/v1.0${request.path}`, {
        method: request.method ?? "GET",
        headers,
        ...(body === undefined ? {} : { body }),
      });
      text = await boundedText(response);
    } catch (error) {
      throw new GraphUnreachable(error instanceof Error ? error.name : "unknown", { cause: error });
    }
    if (!response.ok) throw graphError(response, text, now());
    if (!request.answer) return undefined as T;
    const parsed = request.answer.safeParse(json(text));
    if (!parsed.success)
      throw new GraphUnreachable(`an answer of another shape to ${plainPath(request.path)}`);
    return parsed.data;
  }

  return {
    async request(request) {
      const tries = request.tries ?? ((request.method ?? "GET") === "GET" ? 3 : 1);
      let renewed = false;
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once(request);
        } catch (error) {
          // A secret that was rolled, or a role that was just granted: one new token, then the error counts.
          if (error instanceof GraphError && error.status === 401 && !renewed && !request.token) {
            renewed = true;
            attempt -= 1;
            ports.tokens.forget();
            continue;
          }
          if (attempt >= tries || !passing(error)) throw error;
          const asked = error instanceof GraphError ? error.retryAfterMs : null;
          if (asked !== null && asked > LONGEST_WAIT_MS) throw error;
          await sleep(asked ?? backoff(attempt, FIRST_BACKOFF_MS, LONGEST_WAIT_MS, random));
        }
      }
    },
  };
}

/** True when trying again later may help. */
export function passing(error: unknown): boolean {
  if (error instanceof GraphUnreachable) return true;
  return error instanceof GraphError && (error.status === 429 || error.status >= 500);
}

/** Exponential with full jitter: callers that failed together do not come back together. */
export function backoff(attempt: number, firstMs: number, longestMs: number, random: () => number): number {
  return Math.ceil(random() * Math.min(longestMs, firstMs * 2 ** (attempt - 1)));
}

function graphError(response: Response, text: string, now: number): GraphError {
  const parsed = envelope().safeParse(json(text));
  const error = parsed.success ? parsed.data.error : null;
  return new GraphError({
    status: response.status,
    code: error?.innerError?.code ?? error?.code ?? "unknown",
    says: redact(error?.message ?? "no explanation"),
    requestId: error?.innerError?.["request-id"] ?? response.headers.get("request-id"),
    retryAfterMs: retryAfter(response.headers.get("Retry-After"), now),
  });
}

/** Nothing that looks like a token leaves this file, whatever an error page repeats. */
function redact(text: string): string {
  return text
    .replace(/eyJ[\w-]+(\.[\w-]*){1,4}/g, "[token]")
    .replace(/\s+/g, " ")
    .slice(0, 400);
}

function plainPath(path: string): string {
  return path.split("?", 1)[0] ?? path;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function boundedText(response: Response): Promise<string> {
  const declared = Number(response.headers.get("Content-Length") ?? 0);
  if (declared > MAX_ANSWER_BYTES) throw new RangeError("answer too large");
  const bytes = await response.arrayBuffer();
  if (bytes.byteLength > MAX_ANSWER_BYTES) throw new RangeError("answer too large");
  return new TextDecoder().decode(bytes);
}
