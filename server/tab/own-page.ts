/** Requests that only a page of this very server may make, with a small JSON body. */

import type { z } from "zod";
import { ProductError } from "../errors.ts";

/** Codes, verifiers, sub-page ids: everything here is short. */
const MAX_BODY_BYTES = 4 * 1024;

/**
 * A browser names the origin of every POST, and our header and content type cannot be sent across origins
 * without a preflight that nobody answers.
 */
export async function readFromOwnPage<T>(request: Request, origin: string, shape: z.ZodType<T>): Promise<T> {
  const { headers } = request;
  const site = headers.get("Sec-Fetch-Site");
  const from = headers.get("Origin");
  if (
    (site !== null && site !== "same-origin") ||
    (from !== null && from !== origin) ||
    headers.get("X-Requested-With") !== "XMLHttpRequest"
  ) {
    throw new ProductError("request_forbidden");
  }
  const [type = ""] = (headers.get("Content-Type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json")
    throw new ProductError("request_invalid", "content type");

  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw new ProductError("request_too_large");
    chunks.push(chunk);
  }
  let json: unknown;
  try {
    json = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new ProductError("request_invalid", "not JSON");
  }
  const body = shape.safeParse(json);
  if (!body.success) throw new ProductError("request_invalid", "not the agreed shape");
  return body.data;
}

/** Answers of these doors are for this person and this moment. */
export const privateHeaders = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } as const;
