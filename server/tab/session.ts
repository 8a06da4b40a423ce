/**
 * The door: a Teams token comes in, a Mattermost session goes out.
 *
 *   POST /api/v1/session          {"token", "subPageId"?}  →  {"location"} and the session's cookies
 *   GET  /api/v1/session/probe    whether those cookies came back
 *
 * Refusals of the token all look the same outside; the reason is in the audit record. The order of the checks
 * is cheap before dear: nothing is parsed that is too large, nothing verified for whom is too fast.
 */

import { Hono } from "hono";
import { z } from "zod";
import type { ConfigSource } from "../config/index.ts";
import type { TokenVerifier } from "../entra/token-verifier.ts";
import type { EntraPerson } from "../entra/verify-tab-token.ts";
import { MAX_TOKEN_BYTES } from "../entra/verify-tab-token.ts";
import { type ErrorCode, errorResponse, ProductError } from "../errors.ts";
import type { Logger, RequestContext } from "../mattermost/index.ts";
import { type DestinationApi, destination } from "./destination.ts";
import { addressKey, RateLimit } from "./rate-limit.ts";
import { type CookieSession, sessionCookies } from "./session-cookies.ts";

/** What the door needs from identity. */
export interface SignIn {
  signIn(request: {
    readonly person: EntraPerson;
    readonly token: string;
    readonly userAgent: string;
    readonly previousSessionId: string | null;
  }): Promise<
    | { readonly ok: true; readonly session: CookieSession & { id: string }; readonly linked: string | null }
    | {
        readonly ok: false;
        readonly code: ErrorCode;
        readonly reason: string;
        readonly userId: string | null;
        readonly detail: string;
      }
  >;
}

/** One sign-in attempt, for the audit log. Never a token, a cookie or an address of an unknown person. */
export interface Attempt {
  readonly outcome: "success" | "refused" | "failed";
  /** From a closed set: the verification's, identity's, or the door's own. */
  readonly reason: string;
  readonly detail: string;
  /** Present only once Entra's signature was verified. */
  readonly person: EntraPerson | null;
  readonly userId: string | null;
  readonly sessionId: string | null;
  /** What the link rests on, when this attempt made it. */
  readonly linked: string | null;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}

export interface SessionPorts {
  readonly config: ConfigSource;
  readonly verifier: Pick<TokenVerifier, "verify">;
  readonly identity: SignIn;
  readonly serverRules: { current(): Promise<{ readonly cookiesForSubdomains: boolean }> };
  readonly api: DestinationApi;
  readonly audit: (attempt: Attempt) => void;
  readonly log: Pick<Logger, "error">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** A token of 16 KB in JSON, the sub-page id, and nothing else. */
export const MAX_BODY_BYTES = 24 * 1024;
/** An office behind one address signs in together at nine; see REFUSED_COST for the other kind. */
const BY_ADDRESS = { burst: 600, perSecond: 10 };
/** Refused attempts weigh more: some 30 at once, then one every two seconds. */
const REFUSED_COST = 20;
/** Nobody opens more tabs than that. */
const BY_PERSON = { burst: 12, perSecond: 0.2 };

const bodyShape = z.object({
  token: z.unknown(),
  subPageId: z.string().max(64).optional(),
});

type DoorReason =
  | "site_url"
  | "not_configured"
  | "method"
  | "foreign_origin"
  | "header"
  | "content_type"
  | "body_size"
  | "body"
  | "rate_address"
  | "rate_person"
  | "internal";

/** Ends an attempt: the code is for the outside, the reason for the audit. */
class Refused extends Error {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly retryAfter: number;

  constructor(code: ErrorCode, reason: DoorReason | (string & {}), detail = "", retryAfter = 0) {
    super(detail);
    this.code = code;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

export function sessionRoutes(ports: SessionPorts): Hono<{ Bindings: RequestContext }> {
  const { api, audit, clock, config, identity, log, serverRules, verifier } = ports;
  const byAddress = new RateLimit(BY_ADDRESS, clock);
  const byPerson = new RateLimit(BY_PERSON, clock);
  const routes = new Hono<{ Bindings: RequestContext }>();

  routes.all("/api/v1/session", async ({ req, env }) => {
    // What is known grows on the way; the record tells how far the attempt came.
    const known: { person: EntraPerson | null; userId: string | null } = { person: null, userId: null };
    const record = (end: Pick<Attempt, "outcome" | "reason"> & Partial<Attempt>) =>
      audit({
        detail: "",
        sessionId: null,
        linked: null,
        ...known,
        address: env.IPAddress,
        userAgent: env.UserAgent,
        requestId: env.RequestId,
        ...end,
      });
    try {
      const { session, linked, location, cookies } = await exchange(req.raw, env, known);
      record({ outcome: "success", reason: "signed_in", sessionId: session.id, linked });
      const headers = new Headers({ "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" });
      for (const cookie of cookies) headers.append("Set-Cookie", cookie);
      return Response.json({ location }, { headers });
    } catch (error) {
      const refused = error instanceof Refused ? error : null;
      if (refused) {
        // Who waits for others of the same address is not made to wait longer for it.
        if (refused.retryAfter === 0) byAddress.add(addressKey(env.IPAddress), REFUSED_COST);
        record({ outcome: "refused", reason: refused.reason, detail: refused.message });
      } else {
        log.error("A sign-in failed", { request_id: env.RequestId, error: withoutTokens(error) });
        record({ outcome: "failed", reason: "internal" });
      }
      const response = errorResponse(refused ? new ProductError(refused.code) : error, env.RequestId);
      if (refused?.retryAfter) response.headers.set("Retry-After", String(refused.retryAfter));
      if (refused?.reason === "method") response.headers.set("Allow", "POST");
      return response;
    }
  });

  routes.get("/api/v1/session/probe", ({ req, env }) =>
    Response.json(
      { signedIn: env.userId !== null, cookies: hasMark(req.header("Cookie")) },
      { headers: { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } },
    ),
  );

  return routes;

  async function exchange(
    request: Request,
    env: RequestContext,
    known: { person: EntraPerson | null; userId: string | null },
  ) {
    const { registration, siteUrl } = config.current;
    if (!siteUrl?.secure) throw new Refused("site_url_invalid", "site_url");
    if (!registration) throw new Refused("not_configured", "not_configured");
    requireOurTab(request, siteUrl.origin);
    const wait = byAddress.take(addressKey(env.IPAddress));
    if (wait > 0) throw new Refused("rate_limited", "rate_address", "", wait);

    const { token, subPageId } = await readBody(request);
    const verdict = await verifier.verify(token);
    if (!verdict) throw new Refused("not_configured", "not_configured");
    if (!verdict.ok) {
      const code = verdict.reason === "keys_unavailable" ? "sign_in_unavailable" : "sign_in_refused";
      throw new Refused(code, verdict.reason, verdict.detail);
    }
    known.person = verdict.person;
    const pause = byPerson.take(verdict.person.objectId);
    if (pause > 0) throw new Refused("rate_limited", "rate_person", "", pause);

    const admission = await identity.signIn({
      person: verdict.person,
      token,
      userAgent: env.UserAgent,
      previousSessionId: env.SessionId === "" ? null : env.SessionId,
    });
    if (!admission.ok) {
      known.userId = admission.userId;
      throw new Refused(admission.code, admission.reason, admission.detail);
    }
    const { session, linked } = admission;
    known.userId = session.userId;
    const [{ cookiesForSubdomains }, path] = await Promise.all([
      serverRules.current(),
      destination(api, session.userId, subPageId),
    ]);
    const cookies = sessionCookies(session, siteUrl, cookiesForSubdomains, clock());
    return { session, linked, location: siteUrl.subpath + path, cookies };
  }
}

/**
 * No other site may sign a visitor in to somebody else's account. A browser names the origin of every POST,
 * and our header and content type cannot be sent across origins without a preflight that nobody answers.
 */
function requireOurTab(request: Request, origin: string): void {
  const { headers, method } = request;
  if (method !== "POST") throw new Refused("method_not_allowed", "method", method.slice(0, 16));
  const site = headers.get("Sec-Fetch-Site");
  if (site !== null && site !== "same-origin") throw new Refused("request_forbidden", "foreign_origin");
  const from = headers.get("Origin");
  if (from !== null && from !== origin) throw new Refused("request_forbidden", "foreign_origin");
  if (headers.get("X-Requested-With") !== "XMLHttpRequest") throw new Refused("request_forbidden", "header");
  const [type = ""] = (headers.get("Content-Type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json") throw new Refused("request_invalid", "content_type");
}

async function readBody(request: Request): Promise<{ token: string; subPageId: string | undefined }> {
  const text = await readLimited(request);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refused("request_invalid", "body", "not JSON");
  }
  const body = bodyShape.safeParse(json);
  if (!body.success) throw new Refused("request_invalid", "body", "not the agreed shape");
  const { token, subPageId } = body.data;
  // What is no token at all is a refused token, as every other bad token.
  if (token === undefined || token === null) throw new Refused("sign_in_refused", "missing");
  if (typeof token !== "string") throw new Refused("sign_in_refused", "malformed", "not a string");
  if (token.length > MAX_TOKEN_BYTES) throw new Refused("sign_in_refused", "oversized");
  return { token, subPageId };
}

async function readLimited(request: Request): Promise<string> {
  const announced = Number(request.headers.get("Content-Length") ?? 0);
  if (announced > MAX_BODY_BYTES) throw new Refused("request_too_large", "body_size");
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw new Refused("request_too_large", "body_size");
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new Refused("request_invalid", "body", "not UTF-8");
  }
}

/** The server removes its own session cookie from what plugins see; the embedding mark stays. */
const hasMark = (cookies: string | undefined) => /(?:^|;\s*)MMEMBED=1(?:;|$)/.test(cookies ?? "");

/** Messages of libraries may quote what they were given. */
function withoutTokens(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replace(/eyJ[\w-]+(\.[\w-]*)*/g, "[token]").slice(0, 500);
}
