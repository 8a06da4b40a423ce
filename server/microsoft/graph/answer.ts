/** Reads Graph's answers: limited in size, and errors without secrets in them. */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";
import { retryAfter } from "../network/index.ts";
import { GraphError } from "./errors.ts";

const envelope = lazy(() =>
  z.object({
    error: z.object({
      code: z.string().optional(),
      message: z.string().optional(),
      innerError: z.object({ code: z.string().optional(), "request-id": z.string().optional() }).optional(),
    }),
  }),
);

export function graphError(status: number, headers: Headers, text: string, now: number): GraphError {
  const parsed = envelope().safeParse(json(text));
  const error = parsed.success ? parsed.data.error : null;
  return new GraphError({
    status,
    code: error?.innerError?.code ?? error?.code ?? "unknown",
    says: redact(error?.message ?? "no explanation"),
    requestId: error?.innerError?.["request-id"] ?? headers.get("request-id"),
    retryAfterMs: retryAfter(headers.get("Retry-After"), now),
  });
}

/** Removes everything that looks like a token, in case an error page repeats it. */
function redact(text: string): string {
  return text
    .replace(/eyJ[\w-]+(\.[\w-]*){1,4}/g, "[token]")
    .replace(/\s+/g, " ")
    .slice(0, 400);
}

export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Throws RangeError for an answer beyond the limit, whatever its Content-Length. */
export async function answerText(response: Response, maxBytes: number): Promise<string> {
  const declared = Number(response.headers.get("Content-Length") ?? 0);
  if (declared > maxBytes) {
    await response.body?.cancel();
    throw new RangeError("answer too large");
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new RangeError("answer too large");
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
