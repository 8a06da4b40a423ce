/**
 * Limits for the requests of one plugin. The server passes a request on before it has the body, and waits 300 s for
 * it (ServiceSettings.ReadTimeout). Without limits, a few thousand bodies that never arrive would block everybody
 * else.
 */

/** Requests at once, of any kind; further ones get a 503 at once. Hooks have as many calls again for themselves. */
export const MAX_REQUESTS = 2_048;

/** Bodies of one route (method and path) that are awaited at once; one more takes the place of the oldest. */
export const MAX_BODIES_PER_ROUTE = 256;

/** The same limit for all routes together. */
export const MAX_BODIES = 1_024;

/** Time within which a client must send the next byte of a body, … */
export const BODY_IDLE_SECONDS = 10;

/** … and the whole body. */
export const BODY_SECONDS = 60;

/** Limit of SyncHeader and WriteHeader, which wait only for the server. */
export const HEADER_SECONDS = 30;

/**
 * Limit of Write and Flush: they wait for a slow client as long as the server does (ServiceSettings.WriteTimeout).
 */
export const WRITE_SECONDS = 300;

/** The server writes each answer at once: half an answer never completes. */
export const HALF_ANSWER_SECONDS = 5;

/** A request that has waited for the server this long gives up its place to a new one when there is no other room. */
export const STUCK_SECONDS = 2;
