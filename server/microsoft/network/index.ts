export { type Cause, causeOf, causeWords } from "./cause.ts";
export { type Fetch, OUTGOING_TIMEOUT_MS, outgoingFetch } from "./outgoing-fetch.ts";
export { type ProxySettings, ProxyUnusable, proxyFor, takeProxyEnvironment } from "./proxy.ts";
export { retryAfter } from "./retry-after.ts";
