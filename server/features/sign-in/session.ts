/**
 * Exchanges a Teams token for a Mattermost session.
 *
 *   POST /api/v1/session            {"token", "subPageId"?}             →  {"location", "renewInSeconds"} and cookies,
 *                                   and "linkUnavailable" when the link leads nowhere for the person
 *   POST /api/v1/session/handover   {"challenge"}, signed in            →  {"code"}         from the pop-up
 *   POST /api/v1/session/redeem     {"code", "verifier", "subPageId"?}  →  as the first     in the tab
 *   POST /api/v1/session/end        {}                                  →  204, and the cookies are cleared
 *   GET  /api/v1/session/probe      whether the cookies came back
 *   POST /api/v1/location           {"subPageId"}, signed in            →  {"location"}
 *
 * All refusals of a token look the same to the client; the reason is in the audit record. The checks run in the order
 * of their cost: a body that is too large is not parsed, and a sender who is too fast gets no verification.
 */

import { z } from "zod";
import type { EntraPerson } from "../../microsoft/entra/entra-person.ts";
import { MAX_TOKEN_BYTES, type Rejection } from "../../microsoft/entra/verify-tab-token.ts";
import { type ErrorCode, errorResponse, ProductError } from "../../platform/errors.ts";
import { Routes } from "../../platform/http/index.ts";
import type { SiteUrl } from "../../platform/settings/index.ts";
import { lazy } from "../../runtime/lazy.ts";
import type { RequestContext } from "../../runtime/mattermost/index.ts";
import type { SignInAttempt } from "./audit.ts";
import { destination } from "./destination.ts";
import { addressKey, RateLimit } from "./rate-limit.ts";
import { NO_STORE, Refused, readBody, requireOurPage } from "./request-checks.ts";
import { type CookieSession, clearedCookies, sessionCookies } from "./session-cookies.ts";
import type { SessionPorts, SignInAnswer } from "./session-ports.ts";

/** A token of 16 KB in JSON, the sub-page id, and nothing else. */
export const MAX_BODY_BYTES = 24 * 1024;
/** Enough for an office behind one address that signs in together at nine; see REFUSED_COST for refused attempts. */
const BY_ADDRESS = { burst: 600, perSecond: 10 };
/** Refused attempts cost more: about 30 at once, then one every two seconds. */
const REFUSED_COST = 20;
/**
 * For everybody together, on one node: if the server trusts an address that the sender made up, the limit by address
 * limits nothing. 3,000 people at once and 100 a second are a very large office at nine.
 */
const BY_ROUTE = { burst: 3_000, perSecond: 100 };
/** About 300 refused attempts at once from made-up addresses, then ten a second. */
const REFUSED_ROUTE_COST = 9;
/** The tab renews its session silently this long before its end. */
const RENEWAL_LEAD_MS = 10 * 60_000;
/** Nobody opens more tabs than this. */
const BY_PERSON = { burst: 12, perSecond: 0.2 };
/** Following a link is quicker than opening a tab, so the limit is higher. */
const LOCATIONS_BY_PERSON = { burst: 60, perSecond: 1 };

const subPageId = lazy(() => z.string().max(64).optional());
const tokenBody = lazy(() => z.object({ token: z.unknown().optional(), subPageId: subPageId() }));
const challengeBody = lazy(() => z.object({ challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }));
const codeBody = lazy(() =>
  z.object({ code: z.string().max(128), verifier: z.string().max(128), subPageId: subPageId() }),
);
const locationBody = lazy(() => z.object({ subPageId: z.string().max(64) }));

/** Facts about an attempt, filled in step by step; the audit record shows how far it came. */
interface Known {
  person: EntraPerson | null;
  userId: string | null;
}

interface Success {
  readonly session: CookieSession & { readonly id: string };
  readonly linked: string | null;
  readonly kept: boolean;
  readonly location: string;
  /** A link was followed that leads nowhere that this person may go. */
  readonly linkUnavailable: boolean;
}

export function sessionRoutes(ports: SessionPorts): Routes {
  const { api, audit, clock, config, identity, log, serverRules, verifier } = ports;
  const byAddress = new RateLimit(BY_ADDRESS, clock);
  const byRoute = new RateLimit(BY_ROUTE, clock);
  const byPerson = new RateLimit(BY_PERSON, clock);
  const locationsByPerson = new RateLimit(LOCATIONS_BY_PERSON, clock);
  const routes = new Routes();

  routes.all("/api/v1/session", "public", ({ req, env }) => attempt(req.raw, env, withToken));
  routes.all("/api/v1/session/redeem", "public", ({ req, env }) => attempt(req.raw, env, withCode));

  routes.all("/api/v1/session/handover", "member", ({ req, env }, userId) =>
    answer(env, async () => {
      enter(req.raw, env);
      const { challenge } = parse(challengeBody(), await readBody(req.raw, MAX_BODY_BYTES));
      take(byPerson, userId, "rate_person");
      return { code: await identity.handover.issue(userId, challenge) };
    }),
  );

  // The server clears its cookies without `Partitioned`, which leaves ours in the frame (CHIPS). Public, because the
  // session may be over already.
  routes.all("/api/v1/session/end", "public", ({ req, env }) =>
    answer(env, async () => {
      enter(req.raw, env);
      await readBody(req.raw, MAX_BODY_BYTES);
      if (env.SessionId !== "") await identity.end(env.SessionId);
      const { cookiesForSubdomains } = await serverRules.current();
      const headers = new Headers(NO_STORE);
      for (const line of clearedCookies(site(), cookiesForSubdomains)) headers.append("Set-Cookie", line);
      return new Response(null, { status: 204, headers });
    }),
  );

  routes.all("/api/v1/location", "member", ({ req, env }, userId) =>
    answer(env, async () => {
      enter(req.raw, env);
      const { subPageId: wanted } = parse(locationBody(), await readBody(req.raw, MAX_BODY_BYTES));
      take(locationsByPerson, userId, "rate_person");
      const path = await destination(api, userId, wanted);
      // A missing place and a forbidden one get the same answer.
      if (path === "/") throw new ProductError("not_found");
      return { location: site().subpath + path };
    }),
  );

  routes.get("/api/v1/session/probe", "public", ({ req, env }) =>
    Response.json(
      { signedIn: env.userId !== null, cookies: hasMark(req.header("Cookie")) },
      { headers: NO_STORE },
    ),
  );

  return routes;

  function site(): SiteUrl {
    const { siteUrl } = config.current;
    if (!siteUrl?.secure) throw new Refused("site_url_invalid", "site_url");
    return siteUrl;
  }

  /** The checks that cost nothing. */
  function enter(request: Request, env: RequestContext): void {
    requireOurPage(request, site().origin);
    take(byAddress, addressKey(env.IPAddress), "rate_address");
    take(byRoute, "", "rate_route");
  }

  function take(limit: RateLimit, key: string, reason: "rate_address" | "rate_route" | "rate_person"): void {
    const wait = limit.take(key);
    if (wait > 0) throw new Refused("rate_limited", reason, "", wait);
  }

  /** One attempt, one audit record, one answer. */
  async function attempt(
    request: Request,
    env: RequestContext,
    how: (request: Request, env: RequestContext, known: Known) => Promise<Success>,
  ): Promise<Response> {
    const known: Known = { person: null, userId: null };
    const record = (end: Pick<SignInAttempt, "outcome" | "reason"> & Partial<SignInAttempt>) =>
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
      const { session, linked, kept, location, linkUnavailable } = await how(request, env, known);
      const { cookiesForSubdomains } = await serverRules.current();
      const headers = new Headers(NO_STORE);
      const scope = { site: site(), forSubdomains: cookiesForSubdomains, place: "frame" } as const;
      for (const line of sessionCookies(session, scope, clock())) headers.append("Set-Cookie", line);
      const detail = kept ? "the session of this browser goes on" : "";
      record({ outcome: "success", reason: "signed_in", detail, sessionId: session.id, linked });
      const renewInSeconds = renewIn(session.until - clock());
      const answer = { location, renewInSeconds, ...(linkUnavailable && { linkUnavailable }) };
      return Response.json(answer, { headers });
    } catch (error) {
      if (error instanceof Refused) {
        // Do not penalise people who are throttled by others with the same address.
        if (error.retryAfter === 0) {
          byAddress.add(addressKey(env.IPAddress), REFUSED_COST);
          byRoute.add("", REFUSED_ROUTE_COST);
        }
        record({ outcome: "refused", reason: error.reason, detail: error.message });
      } else {
        record({ outcome: "failed", reason: "internal" });
      }
      return failure(error, env);
    }
  }

  async function answer(env: RequestContext, make: () => Promise<object>): Promise<Response> {
    try {
      const made = await make();
      return made instanceof Response ? made : Response.json(made, { headers: NO_STORE });
    } catch (error) {
      return failure(error, env);
    }
  }

  function failure(error: unknown, env: RequestContext): Response {
    const refused = error instanceof Refused ? error : null;
    if (!refused) log.error("A sign-in failed", { request_id: env.RequestId, error: withoutTokens(error) });
    const response = errorResponse(refused ? new ProductError(refused.code) : error, env.RequestId);
    if (refused?.retryAfter) response.headers.set("Retry-After", String(refused.retryAfter));
    if (refused?.reason === "method") response.headers.set("Allow", "POST");
    return response;
  }

  async function withToken(request: Request, env: RequestContext, known: Known): Promise<Success> {
    site();
    if (!config.current.registration) throw new Refused("not_configured", "not_configured");
    enter(request, env);
    const body = parse(tokenBody(), await readBody(request, MAX_BODY_BYTES));
    const token = tokenOf(body.token);
    const verdict = await verifier.verify(token);
    if (!verdict) throw new Refused("not_configured", "not_configured");
    if (!verdict.ok) {
      throw new Refused(codeOf(verdict.reason), verdict.reason, verdict.detail);
    }
    const { person } = verdict;
    known.person = person;
    take(byPerson, person.objectId, "rate_person");
    return admit(await identity.signIn({ person, token, ...browserOf(env) }), body.subPageId, known);
  }

  async function withCode(request: Request, env: RequestContext, known: Known): Promise<Success> {
    site();
    enter(request, env);
    const body = parse(codeBody(), await readBody(request, MAX_BODY_BYTES));
    const redeemed = await identity.handover.redeem(body.code, body.verifier);
    if (!redeemed) throw new Refused("sign_in_refused", "handover_code");
    known.userId = redeemed.userId;
    return admit(await identity.signInAs({ ...redeemed, ...browserOf(env) }), body.subPageId, known);
  }

  async function admit(answer: SignInAnswer, wanted: string | undefined, known: Known): Promise<Success> {
    if (!answer.ok) {
      known.userId = answer.userId;
      throw new Refused(answer.code, answer.reason, answer.detail);
    }
    const { session, linked, kept } = answer;
    known.userId = session.userId;
    const path = await destination(api, session.userId, wanted);
    const linkUnavailable = wanted !== undefined && wanted !== "" && path === "/";
    return { session, linked, kept, location: site().subpath + path, linkUnavailable };
  }
}

/** Well before the end, so that nobody reaches it; at half of the time when a session is very short. */
const renewIn = (leftMs: number) =>
  Math.max(1, Math.floor(Math.max(leftMs - RENEWAL_LEAD_MS, leftMs / 2) / 1000));

const browserOf = ({ SessionId, UserAgent }: RequestContext) => ({
  userAgent: UserAgent,
  previousSessionId: SessionId === "" ? null : SessionId,
});

function parse<T>(shape: z.ZodType<T>, json: unknown): T {
  const parsed = shape.safeParse(json);
  if (!parsed.success) throw new Refused("request_invalid", "body", "not the agreed shape");
  return parsed.data;
}

/** Only two reasons are not about the token: the keys are unavailable now, or never with this tenant ID. */
function codeOf(reason: Rejection): ErrorCode {
  if (reason === "keys_unavailable") return "sign_in_unavailable";
  return reason === "tenant_unknown" ? "tenant_unknown" : "sign_in_refused";
}

/** A missing token is refused like any bad one. */
function tokenOf(token: unknown): string {
  if (token === undefined || token === null) throw new Refused("sign_in_refused", "missing");
  if (typeof token !== "string") throw new Refused("sign_in_refused", "malformed", "not a string");
  if (token.length > MAX_TOKEN_BYTES) throw new Refused("sign_in_refused", "oversized");
  return token;
}

/** The server removes its own session cookie from what plugins see; the embedding mark stays. */
const hasMark = (cookies: string | undefined) => /(?:^|;\s*)MMEMBED=1(?:;|$)/.test(cookies ?? "");

/** Error messages of libraries may quote their input. */
function withoutTokens(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replace(/eyJ[\w-]+(\.[\w-]*)*/g, "[token]").slice(0, 500);
}
