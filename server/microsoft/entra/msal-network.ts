/** msal-node's way out, on our own fetch: our CAs, our proxy, our time limit, and an answer of bounded size. */

import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from "@azure/msal-node";
import type { Fetch } from "../network/index.ts";

/** Metadata and token answers are a few kilobytes. */
const MAX_ANSWER_BYTES = 256 * 1024;

export function msalNetwork(fetch: Fetch): INetworkModule {
  async function send<T>(
    method: "GET" | "POST",
    url: string,
    options: NetworkRequestOptions | undefined,
    timeoutMs?: number,
  ): Promise<NetworkResponse<T>> {
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
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: JSON.parse(new TextDecoder().decode(bytes)) as T,
    };
  }
  return {
    sendGetRequestAsync: (url, options, timeoutMs) => send("GET", url, options, timeoutMs),
    sendPostRequestAsync: (url, options) => send("POST", url, options),
  };
}
