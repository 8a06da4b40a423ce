/** Reads request bodies, with a size limit. */

import type { z } from "zod";
import { ProductError } from "../errors.ts";

/** Large enough for everything but files. */
export const MAX_JSON_BYTES = 1024 * 1024;

/**
 * Reads the whole body. Refuses it as soon as it exceeds the limit, because `Content-Length` may be absent or wrong.
 */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get("Content-Length") ?? 0) > maxBytes)
    throw new ProductError("request_too_large");
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new ProductError("request_too_large");
    chunks.push(chunk);
  }
  const [only] = chunks;
  return only && chunks.length === 1 ? only : new Uint8Array(Buffer.concat(chunks));
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads the body as JSON and throws `request_invalid` for anything else. A form on another site cannot send this
 * content type without a CORS preflight, which we never answer.
 */
export async function readJson(request: Request, maxBytes = MAX_JSON_BYTES): Promise<unknown> {
  const [type = ""] = (request.headers.get("Content-Type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json")
    throw new ProductError("request_invalid", "the content type is not application/json");
  const bytes = await readBytes(request, maxBytes);
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw new ProductError("request_invalid", "not JSON");
  }
}

/** Reads the body as JSON of the expected shape. */
export async function readShape<T>(
  request: Request,
  shape: z.ZodType<T>,
  maxBytes = MAX_JSON_BYTES,
): Promise<T> {
  const parsed = shape.safeParse(await readJson(request, maxBytes));
  if (!parsed.success) throw new ProductError("request_invalid", parsed.error.issues[0]?.message ?? "");
  return parsed.data;
}

/** Reads the part `file` of a form as text. The size of the whole body is checked before anything is parsed. */
export async function readUpload(request: Request, maxBytes: number): Promise<string> {
  const type = request.headers.get("Content-Type") ?? "";
  if (!type.toLowerCase().startsWith("multipart/form-data"))
    throw new ProductError("request_invalid", "the content type is not multipart/form-data");
  const bytes = await readBytes(request, maxBytes);
  const body = new Response(new Uint8Array(bytes), { headers: { "Content-Type": type } });
  const form = await body.formData().catch(() => null);
  const part = form?.get("file") as unknown;
  if (!(part instanceof Blob)) throw new ProductError("request_invalid", "no part called file");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await part.arrayBuffer());
  } catch {
    throw new ProductError("request_invalid", "the file is not UTF-8");
  }
}
