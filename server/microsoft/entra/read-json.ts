/** Reads a small JSON document from the authority, with limits on time and size. Redirects are not followed. */

import type { Fetch } from "../network/index.ts";
import { aadstsOf } from "./refusals.ts";

export interface ReadLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** The authority answered 400 or 404 with an OAuth error: it knows no such tenant (`invalid_tenant`, AADSTS90002). */
export class TenantUnknown extends Error {}

/**
 * Throws for everything but a complete 200 with JSON inside the limits, including redirects: an address that nobody
 * configured must not become the source of our keys. Throws `TenantUnknown` when asking again cannot help.
 */
export async function readJson(fetch: Fetch, url: string, limits: ReadLimits): Promise<unknown> {
  const response = await fetch(url, {
    headers: { Accept: "application/json" },
    redirect: "manual",
    signal: AbortSignal.timeout(limits.timeoutMs),
  });
  if (response.status === 400 || response.status === 404) {
    const text = await readText(response, url, limits.maxBytes).catch(() => "");
    if (isOAuthError(text))
      throw new TenantUnknown(`${url} knows no such tenant ${aadstsOf(text) ?? ""}`.trim());
    throw new Error(`${url} answered ${response.status}`);
  }
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const text = await readText(response, url, limits.maxBytes);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${url} did not answer with JSON`);
  }
}

/** An error page of a proxy or web server has no `error` field, and the fault may be over in a minute. */
function isOAuthError(text: string): boolean {
  try {
    const answer: unknown = JSON.parse(text);
    return (
      typeof answer === "object" && answer !== null && "error" in answer && typeof answer.error === "string"
    );
  } catch {
    return false;
  }
}

/**
 * Counts the bytes as they arrive: `Content-Length` may be absent or wrong, and does not cover decompressed bytes.
 */
async function readText(response: Response, url: string, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`${url} answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
}
