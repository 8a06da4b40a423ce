/**
 * The client for Microsoft Graph: tokens, retries, Retry-After, time limits, typed errors.
 *
 * A token is sent only to the configured cloud's Graph, whatever a caller, a next link or a redirect says.
 */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";
import type { ConfigSource } from "../config/index.ts";
import type { Fetch } from "../network/index.ts";
import { answerText, graphError, json } from "./answer.ts";
import { GraphError, GraphUnreachable, isTemporary, StorageUnreachable } from "./errors.ts";
import { graphUrl, storageUrl } from "./hosts.ts";
import type { Credential, Download, GraphClient, GraphRequest } from "./request.ts";

export interface GraphPorts {
  readonly config: ConfigSource;
  /** The app's own credential, for requests that name none. */
  readonly tokens: Credential;
  readonly fetch: Fetch;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  readonly random?: () => number;
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** A download may take longer than other calls: 100 MB over a slow link. */
const DOWNLOAD_LIMIT_MS = 10 * 60_000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_WAIT_MS = 30_000;

const page = lazy(() => z.object({ value: z.array(z.unknown()), "@odata.nextLink": z.string().optional() }));

export function createGraphClient(ports: GraphPorts): GraphClient {
  const now = ports.now ?? Date.now;
  const sleep = ports.sleep ?? Bun.sleep;
  const random = ports.random ?? Math.random;

  async function send(request: GraphRequest<unknown>, more: RequestInit = {}): Promise<Response> {
    const url = graphUrl(ports.config.current.cloud, request.path);
    const credential = request.credential ?? ports.tokens;
    const token = await credential.token(request.minimumMinutesLeft ?? 5, request.signal);
    const { content, body, signal, limitMs } = request;
    const type = content?.type ?? (body === undefined ? null : "application/json");
    const sent = content?.bytes ?? (body === undefined ? null : JSON.stringify(body));
    try {
      return await ports.fetch(url, {
        method: request.method ?? "GET",
        headers: {
          Accept: "application/json",
          ...request.headers,
          Authorization: `Bearer ${token}`,
          ...(type === null ? {} : { "Content-Type": type }),
        },
        ...(sent === null ? {} : { body: sent }),
        ...(signal ? { signal } : {}),
        ...(limitMs === undefined ? {} : { limitMs }),
        ...more,
      });
    } catch (error) {
      throw unreachable(error);
    }
  }

  async function once<T>(request: GraphRequest<T>): Promise<T> {
    const response = await send(request);
    const text = await answerText(response, request.maxAnswerBytes ?? MAX_ANSWER_BYTES).catch(
      (error: unknown) => {
        throw unreachable(error);
      },
    );
    if (!response.ok) throw graphError(response.status, response.headers, text, now());
    if (!request.answer) return undefined as T;
    const parsed = request.answer.safeParse(json(text));
    if (!parsed.success)
      throw new GraphUnreachable(`an answer of another shape to ${plainPath(request.path)}`);
    return parsed.data;
  }

  /** Repeats a request after a temporary failure. Renews a refused token once, for the app and for a person. */
  async function repeat<T>(request: GraphRequest<unknown>, attemptOnce: () => Promise<T>): Promise<T> {
    const repeatable = !(request.content?.bytes instanceof ReadableStream);
    const tries = repeatable ? (request.tries ?? ((request.method ?? "GET") === "GET" ? 3 : 1)) : 1;
    let renewed = !repeatable;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await attemptOnce();
      } catch (error) {
        const { forget } = request.credential ?? ports.tokens;
        if (error instanceof GraphError && error.status === 401 && !renewed && forget) {
          // The secret was rotated, a role was just granted, or the token was revoked: try once with a new token.
          renewed = true;
          attempt -= 1;
          forget();
          continue;
        }
        if (attempt >= tries || !passing(error) || request.signal?.aborted) throw error;
        const asked = error instanceof GraphError ? error.retryAfterMs : null;
        if (asked !== null && asked > LONGEST_WAIT_MS) throw error;
        await sleep(asked ?? backoff(attempt, FIRST_BACKOFF_MS, LONGEST_WAIT_MS, random));
      }
    }
  }

  async function downloadOnce(request: GraphRequest<never>): Promise<Download> {
    const init = { redirect: "manual", limitMs: request.limitMs ?? DOWNLOAD_LIMIT_MS } as const;
    let response = await send(request, init);
    if (response.status === 302) {
      const target = storageUrl(ports.config.current.cloud, response.headers.get("Location") ?? "");
      if (!target) throw new StorageUnreachable("a redirect to a host that is not the cloud's");
      const { signal } = request;
      response = await ports
        .fetch(target, { redirect: "error", limitMs: init.limitMs, ...(signal ? { signal } : {}) })
        .catch((cause: unknown) => {
          throw new StorageUnreachable("a download could not begin", { cause });
        });
      if (response.status >= 500 && isTemporary(response.status)) {
        await response.body?.cancel();
        throw new StorageUnreachable(`a download was answered with ${response.status}`);
      }
    }
    if (!response.ok || !response.body) {
      const text = await answerText(response, MAX_ANSWER_BYTES).catch(() => "");
      throw graphError(response.status, response.headers, text, now());
    }
    // Content-Length of a compressed body is the compressed length, but fetch has unpacked the body.
    const isPacked = (response.headers.get("Content-Encoding") ?? "identity") !== "identity";
    const length = isPacked ? Number.NaN : Number(response.headers.get("Content-Length") ?? Number.NaN);
    return {
      contentType: response.headers.get("Content-Type") ?? "application/octet-stream",
      length: Number.isSafeInteger(length) && length >= 0 ? length : null,
      body: response.body,
    };
  }

  const client: GraphClient = {
    request: (request) => repeat(request, () => once(request)),
    async *items<T>({ answer, ...request }: GraphRequest<T>) {
      for (let path: string | undefined = request.path; path !== undefined; ) {
        const one: z.infer<ReturnType<typeof page>> = await client.request({
          ...request,
          path,
          answer: page(),
        });
        for (const value of one.value) {
          const item = answer?.safeParse(value);
          if (item && !item.success)
            throw new GraphUnreachable(`an item of another shape in ${plainPath(path)}`);
          yield (item ? item.data : value) as T;
        }
        path = one["@odata.nextLink"];
      }
    },
    download: (request) => repeat(request, () => downloadOnce(request)),
    async upload(file) {
      const { upload } = await import("./upload.ts");
      return upload({ client, config: ports.config, fetch: ports.fetch, now, sleep }, file);
    },
  };
  return client;
}

function unreachable(error: unknown): GraphUnreachable {
  return new GraphUnreachable(error instanceof Error ? error.name : "unknown", { cause: error });
}

/** True when trying again later may help. */
export function passing(error: unknown): boolean {
  if (error instanceof GraphUnreachable) return true;
  return error instanceof GraphError && isTemporary(error.status);
}

/** Exponential backoff with full jitter, so that callers that failed together do not retry together. */
export function backoff(attempt: number, firstMs: number, longestMs: number, random: () => number): number {
  return Math.ceil(random() * Math.min(longestMs, firstMs * 2 ** (attempt - 1)));
}

function plainPath(path: string): string {
  return path.split("?", 1)[0] ?? path;
}
