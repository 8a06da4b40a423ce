/**
 * Bounds of the requests of one plugin. The server hands requests over before it has their bodies, and waits 300 s for
 * one (ServiceSettings.ReadTimeout): without these, a few thousand bodies that never arrive keep everybody out.
 */

/** Requests at once, whatever they do; more are answered 503 at once. Hooks have as many calls again for themselves. */
export const MAX_REQUESTS = 2_048;

/** Bodies of one route (method and path) that are being waited for at once; one more takes the place of the oldest. */
export const MAX_BODIES_PER_ROUTE = 256;

/** The same for all routes together. */
export const MAX_BODIES = 1_024;

/** A client sends the next byte of a body within this, … */
export const BODY_IDLE_SECONDS = 10;

/** … and all of it within this. */
export const BODY_SECONDS = 60;

/** SyncHeader and WriteHeader wait for nobody but the server. */
export const HEADER_SECONDS = 30;

/** A Write or Flush waits for a slow client as long as the server does (ServiceSettings.WriteTimeout). */
export const WRITE_SECONDS = 300;

/** The server writes each answer in one go: half of one has no rest. */
export const HALF_ANSWER_SECONDS = 5;

/** A request that has waited for the server this long gives its room to a new one, where there is no other. */
export const STUCK_SECONDS = 2;
