/**
 * `$batch`: up to 20 requests in one (learn.microsoft.com, json-batching).
 *
 * The parts succeed and fail independently. Only failed parts that may succeed later are sent again, each no earlier
 * than its own Retry-After; one throttled or broken mailbox never affects another.
 *
 * Graph runs at most four Outlook requests of a batch at a time, and answers several for one mailbox with 429
 * (MailboxConcurrency): pass at most one part per mailbox in a call.
 */

import { z } from "zod";
import { chunks } from "../../platform/chunks.ts";
import { lazy } from "../../runtime/lazy.ts";
import { graphError } from "./answer.ts";
import { backoff, passing } from "./client.ts";
import { type GraphError, GraphUnreachable } from "./errors.ts";
import type { Credential, GraphClient, GraphRequest } from "./request.ts";

export type BatchPart<T> = Pick<GraphRequest<T>, "method" | "path" | "headers" | "body" | "answer">;
export type BatchAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: GraphError | GraphUnreachable };

export interface BatchPorts {
  readonly client: GraphClient;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  readonly random?: () => number;
}

export interface BatchOptions {
  readonly credential?: Credential;
  readonly signal?: AbortSignal;
  /**
   * Total attempts, default 3. With 1, failed parts are returned at once, for a caller that retries without delaying
   * the others.
   */
  readonly tries?: number;
}

export const MAX_PARTS = 20;
const TRIES = 3;
const FIRST_BACKOFF_MS = 500;
const LONGEST_WAIT_MS = 30_000;

const answers = lazy(() =>
  z.object({
    responses: z.array(
      z.object({
        id: z.string(),
        status: z.number(),
        headers: z.record(z.string(), z.string()).optional(),
        body: z.unknown().optional(),
      }),
    ),
  }),
);

/**
 * Sends the parts in as few requests as possible. The result has one entry for every part. When a whole call fails,
 * each of its parts fails; only an aborted signal and an unavailable credential are thrown.
 */
export async function batch<T>(
  ports: BatchPorts,
  parts: ReadonlyMap<string, BatchPart<T>>,
  options: BatchOptions = {},
): Promise<Map<string, BatchAnswer<T>>> {
  const now = ports.now ?? Date.now;
  const sleep = ports.sleep ?? Bun.sleep;
  const random = ports.random ?? Math.random;
  const settled = new Map<string, BatchAnswer<T>>();
  let waiting = [...parts.keys()];
  for (let attempt = 1; waiting.length > 0; attempt += 1) {
    for (const ids of chunks(waiting, MAX_PARTS)) {
      for (const [id, answer] of await send(ports.client, parts, ids, { ...options, now }))
        settled.set(id, answer);
    }
    const failed = waiting.filter((id) => repeatable(parts.get(id), settled.get(id)));
    if (failed.length === 0 || attempt >= (options.tries ?? TRIES)) break;
    options.signal?.throwIfAborted();
    const waits = failed.map((id) => retryAfterOf(settled.get(id)) ?? 0);
    // A part that must wait longer than this is returned to the caller, who has a queue.
    waiting = failed.filter((_, index) => (waits[index] ?? 0) <= LONGEST_WAIT_MS);
    const longest = Math.max(0, ...waits.filter((wait) => wait <= LONGEST_WAIT_MS));
    if (waiting.length > 0)
      await sleep(longest || backoff(attempt, FIRST_BACKOFF_MS, LONGEST_WAIT_MS, random));
  }
  return settled;
}

async function send<T>(
  client: GraphClient,
  parts: ReadonlyMap<string, BatchPart<T>>,
  ids: readonly string[],
  { credential, signal, now }: BatchOptions & { readonly now: () => number },
): Promise<Map<string, BatchAnswer<T>>> {
  const result = new Map<string, BatchAnswer<T>>();
  const requests = ids.map((id, index) => {
    const { method = "GET", path, headers = {}, body } = parts.get(id) as BatchPart<T>;
    const all = body === undefined ? headers : { ...headers, "Content-Type": "application/json" };
    return {
      id: String(index),
      method,
      url: path,
      ...(Object.keys(all).length > 0 ? { headers: all } : {}),
      ...(body === undefined ? {} : { body }),
    };
  });
  const readOnly = requests.every(({ method }) => method === "GET");
  try {
    const { responses } = await client.request({
      method: "POST",
      path: "/$batch",
      body: { requests },
      answer: answers(),
      tries: readOnly ? TRIES : 1,
      ...(credential ? { credential } : {}),
      ...(signal ? { signal } : {}),
    });
    for (const { id, status, headers = {}, body } of responses) {
      const name = ids[Number(id)];
      if (name !== undefined)
        result.set(name, read(parts.get(name), { status, headers: new Headers(headers), body }, now()));
    }
  } catch (error) {
    if (signal?.aborted || !passing(error)) throw error;
    for (const id of ids) result.set(id, { ok: false, error: error as GraphError | GraphUnreachable });
  }
  for (const id of ids) {
    if (!result.has(id))
      result.set(id, { ok: false, error: new GraphUnreachable("no answer to a part of a batch") });
  }
  return result;
}

function read<T>(
  part: BatchPart<T> | undefined,
  { status, headers, body }: { readonly status: number; readonly headers: Headers; readonly body: unknown },
  now: number,
): BatchAnswer<T> {
  if (status >= 400)
    return { ok: false, error: graphError(status, headers, JSON.stringify(body ?? null), now) };
  if (!part?.answer) return { ok: true, value: undefined as T };
  const parsed = part.answer.safeParse(body);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, error: new GraphUnreachable("a part of a batch of another shape") };
}

/**
 * A request answered with 429 was not carried out, so any method may be repeated; after other failures, only methods
 * that change nothing.
 */
function repeatable<T>(part: BatchPart<T> | undefined, answer: BatchAnswer<T> | undefined): boolean {
  if (!answer || answer.ok) return false;
  if ("status" in answer.error && answer.error.status === 429) return true;
  return (part?.method ?? "GET") === "GET" && passing(answer.error);
}

function retryAfterOf<T>(answer: BatchAnswer<T> | undefined): number | null {
  return answer && !answer.ok && "retryAfterMs" in answer.error ? answer.error.retryAfterMs : null;
}
