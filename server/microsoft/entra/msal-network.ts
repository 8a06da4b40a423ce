/**
 * Sends msal-node's requests through our own fetch, with our CAs, proxy, time limit and a limit on the answer's size.
 */

import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from "@azure/msal-node";
import type { Fetch } from "../network/index.ts";
import { aadstsOf } from "./refusals.ts";

/** Metadata and token answers are a few kilobytes. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** Remembers network failures, because msal hides most of them behind `endpoints_resolution_error`. */
export interface Asked {
  /** Whether a token was requested. */
  posted: boolean;
  /** Why there was no answer, or none in JSON. */
  failure: unknown;
  /** Entra's number in the last answer that was a refusal. */
  refusal: string | null;
}

export function msalNetwork(
  fetch: Fetch,
  asked: Asked = { posted: false, failure: null, refusal: null },
): INetworkModule {
  async function send<T>(
    method: "GET" | "POST",
    url: string,
    options: NetworkRequestOptions | undefined,
    timeoutMs?: number,
  ): Promise<NetworkResponse<T>> {
    if (method === "POST") asked.posted = true;
    try {
      const response = await fetch(url, {
        method,
        headers: options?.headers ?? {},
        ...(options?.body === undefined ? {} : { body: options.body }),
        ...(timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
      });
      const bytes = await response.arrayBuffer();
      if (bytes.byteLength > MAX_ANSWER_BYTES) {
        throw new RangeError(`entra: an answer of ${bytes.byteLength} bytes`);
      }
      const text = new TextDecoder().decode(bytes);
      if (!response.ok) asked.refusal = aadstsOf(text);
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: JSON.parse(text) as T,
      };
    } catch (error) {
      asked.failure = error;
      throw error;
    }
  }
  return {
    sendGetRequestAsync: (url, options, timeoutMs) => send("GET", url, options, timeoutMs),
    sendPostRequestAsync: (url, options) => send("POST", url, options),
  };
}
