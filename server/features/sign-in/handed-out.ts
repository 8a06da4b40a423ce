/**
 * Tickets and codes that carry the tab's session out of its frame. Downloads and windows that start in a frame are
 * top-level requests, and browsers do not send the frame's cookies with them (another partition), so each carries the
 * session by a code that works once, for a minute.
 *
 *   POST /api/v1/files/ticket            {"fileId"}, signed in      →  {"ticket"}
 *   GET  /files/<ticket>                 once                       →  303 to the server's /api/v4/files/<id>?download=1
 *   POST /api/v1/session/window          {"challenge"}, signed in   →  {"code"}     for a window the tab opened
 *   POST /api/v1/session/window/redeem   {"code", "verifier"}       →  cookies      in that window
 *
 * Both pass on the tab's own session and create no new one: whatever ends the tab's session (unlinking, stricter
 * rules, deactivation, *Log out*) ends the window, too.
 *
 * For a file the session goes into a cookie for the path of this one file. So the server itself decides whether the
 * person may still read it, streams it, and resumes it. No byte passes through the plugin, whose API returns a whole
 * file in one message.
 */

import { z } from "zod";
import type { ConfigSource } from "../../microsoft/config/index.ts";
import { errorResponse, ProductError } from "../../platform/errors.ts";
import { Routes } from "../../platform/http/index.ts";
import type { SiteUrl } from "../../platform/settings/index.ts";
import { answersChallenge, createOneTimeCodes } from "../../platform/store/one-time-codes.ts";
import { lazy } from "../../runtime/lazy.ts";
import type { Api, KeyValueStore, Logger, RequestContext, Session } from "../../runtime/mattermost/index.ts";
import type { Audit, HandOver } from "./audit.ts";
import { addressKey, RateLimit } from "./rate-limit.ts";
import { NO_STORE, Refused, readBody, requireOurPage } from "./request-checks.ts";
import { type CookieSession, sessionCookies } from "./session-cookies.ts";

export interface HandedOutPorts {
  readonly config: ConfigSource;
  readonly serverRules: { current(): Promise<{ readonly cookiesForSubdomains: boolean }> };
  readonly api: Pick<Api, "getSession">;
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly log: Pick<Logger, "error">;
  readonly audit: Pick<Audit, "handedOver">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** The browser follows at once; this allows for a slow network. */
const LIVES_S = 60;
/** Enough for a person who saves a whole folder. */
const BY_PERSON = { burst: 60, perSecond: 1 };
/** Enough for an office behind one address. */
const BY_ADDRESS = { burst: 600, perSecond: 10 };
const MAX_BODY_BYTES = 1024;
/** A session without an end keeps its cookie as long as browsers keep any (400 days). */
const LONGEST_MS = 400 * 24 * 3_600_000;

const id = lazy(() => z.string().regex(/^[a-z0-9]{26}$/));
const fileBody = lazy(() => z.object({ fileId: id() }));
const windowBody = lazy(() => z.object({ challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }));
const redeemBody = lazy(() =>
  z.object({ code: z.string().max(128), verifier: z.string().regex(/^[A-Za-z0-9_-]{43,128}$/) }),
);

const fileRecord = lazy(() =>
  z.object({ userId: z.string().min(1), sessionId: z.string().min(1), fileId: id() }),
);
const windowRecord = lazy(() =>
  z.object({ userId: z.string().min(1), sessionId: z.string().min(1), challenge: z.string() }),
);

interface Owner {
  readonly userId: string;
  readonly sessionId: string;
}

/** Facts for the audit record, filled in as they become known. Never a ticket, a code or a cookie. */
interface Known {
  userId: string | null;
  sessionId: string | null;
  fileId: string | null;
}

export function handedOutRoutes(ports: HandedOutPorts): Routes {
  const { config, serverRules, api, kv, log, audit, clock } = ports;
  const byPerson = new RateLimit(BY_PERSON, clock);
  const byAddress = new RateLimit(BY_ADDRESS, clock);
  const tickets = createOneTimeCodes<Owner & { fileId: string }>({
    kv,
    clock,
    prefix: "download",
    livesSeconds: LIVES_S,
    parse: (value) => fileRecord().parse(value),
  });
  const windows = createOneTimeCodes<Owner & { challenge: string }>({
    kv,
    clock,
    prefix: "window",
    livesSeconds: LIVES_S,
    parse: (value) => windowRecord().parse(value),
  });

  return (
    new Routes()
      .all("/api/v1/files/ticket", "member", ({ req, env }) =>
        answer("file_ticket", env, async (known) => {
          const { fileId } = await enter(req.raw, env, fileBody());
          known.fileId = fileId;
          return json({ ticket: await tickets.issue({ ...signedIn(env, known), fileId }) });
        }),
      )
      // Public, because the request has no session: the ticket proves who may read the file.
      .get("/files/:ticket", "public", ({ req, env }) =>
        answer("file", env, (known) => toFile(req.param("ticket") ?? "", env, known)),
      )
      .all("/api/v1/session/window", "member", ({ req, env }) =>
        answer("window_code", env, async (known) => {
          const { challenge } = await enter(req.raw, env, windowBody());
          return json({ code: await windows.issue({ ...signedIn(env, known), challenge }) });
        }),
      )
      .all("/api/v1/session/window/redeem", "public", ({ req, env }) =>
        answer("window", env, async (known) => {
          const { code, verifier } = await enter(req.raw, env, redeemBody());
          const record = await windows.take(code);
          if (record) note(known, record);
          if (!record || !answersChallenge(verifier, record.challenge)) throw refused();
          const session = await liveSession(record);
          if (!session) throw refused();
          const { cookiesForSubdomains } = await serverRules.current();
          const headers = new Headers(NO_STORE);
          const scope = { site: site(), forSubdomains: cookiesForSubdomains, place: "window" } as const;
          for (const line of sessionCookies(session, scope, clock())) headers.append("Set-Cookie", line);
          return Response.json({ ok: true }, { headers });
        }),
      )
  );

  /** Wrong, used and expired tickets, and those of an ended session, all get the same answer. */
  async function toFile(ticket: string, env: RequestContext, known: Known): Promise<Response> {
    const { subpath } = site();
    take(byAddress, addressKey(env.IPAddress), "rate_address");
    const record = await tickets.take(ticket);
    if (record) note(known, record);
    const session = record && (await liveSession(record));
    if (!session) throw new ProductError("not_found");
    const path = `${subpath}/api/v4/files/${record.fileId}`;
    return new Response(null, {
      status: 303,
      headers: {
        ...NO_STORE,
        Location: `${path}?download=1`,
        "Referrer-Policy": "no-referrer",
        // Browsers send the cookie with the longer path first, and the server reads the first.
        "Set-Cookie": `MMAUTHTOKEN=${session.token}; Path=${path}; Max-Age=${LIVES_S}; HttpOnly; Secure; SameSite=None; Partitioned`,
      },
    });
  }

  async function liveSession({ userId, sessionId }: Owner): Promise<CookieSession | null> {
    const session: Session | null = await api.getSession(sessionId).catch(() => null);
    if (session?.UserId !== userId) return null;
    const until = session.ExpiresAt === 0 ? clock() + LONGEST_MS : session.ExpiresAt;
    const csrf = session.Props.csrf ?? "";
    // A session without a csrf property would accept requests from every site (SECURITY.md).
    if (until <= clock() || ![session.Token, csrf].every((text) => /^[A-Za-z0-9_-]+$/.test(text)))
      return null;
    return { token: session.Token, csrf, userId, until };
  }

  function site(): SiteUrl {
    const { siteUrl } = config.current;
    if (!siteUrl?.secure) throw new Refused("site_url_invalid", "site_url");
    return siteUrl;
  }

  async function enter<T>(request: Request, env: RequestContext, shape: z.ZodType<T>): Promise<T> {
    requireOurPage(request, site().origin);
    take(byAddress, addressKey(env.IPAddress), "rate_address");
    const body = shape.safeParse(await readBody(request, MAX_BODY_BYTES));
    if (!body.success) throw new Refused("request_invalid", "body", "not the agreed shape");
    return body.data;
  }

  function signedIn({ userId, SessionId: sessionId }: RequestContext, known: Known): Owner {
    if (userId === null || sessionId === "") throw new Refused("not_signed_in", "not_signed_in");
    note(known, { userId, sessionId });
    take(byPerson, userId, "rate_person");
    return { userId, sessionId };
  }

  function take(limit: RateLimit, key: string, reason: "rate_address" | "rate_person"): void {
    const wait = limit.take(key);
    if (wait > 0) throw new Refused("rate_limited", reason, "", wait);
  }

  function note(known: Known, { userId, sessionId, fileId }: Owner & { fileId?: string }): void {
    Object.assign(known, { userId, sessionId, fileId: fileId ?? known.fileId });
  }

  async function answer(
    step: HandOver["step"],
    env: RequestContext,
    make: (known: Known) => Promise<Response>,
  ): Promise<Response> {
    const known: Known = { userId: env.userId, sessionId: env.SessionId || null, fileId: null };
    const write = (outcome: HandOver["outcome"], reason: string) =>
      audit.handedOver({
        ...{ step, outcome, reason, ...known },
        ...{ address: env.IPAddress, userAgent: env.UserAgent, requestId: env.RequestId },
      });
    try {
      const response = await make(known);
      write("success", "ok");
      return response;
    } catch (error) {
      const product = error instanceof Refused ? new ProductError(error.code) : error;
      const reason =
        error instanceof Refused ? error.reason : product instanceof ProductError ? product.code : "";
      // A flood of requests must not fill the audit log.
      if (reason !== "rate_address") write(reason === "" ? "failed" : "refused", reason || "internal");
      // The text of an error might contain a code or a cookie.
      if (reason === "")
        log.error("A file or a window could not be handed over", { request_id: env.RequestId });
      const response = errorResponse(product, env.RequestId);
      if (error instanceof Refused && error.retryAfter > 0)
        response.headers.set("Retry-After", String(error.retryAfter));
      if (error instanceof Refused && error.reason === "method") response.headers.set("Allow", "POST");
      return response;
    }
  }
}

const json = (body: object) => Response.json(body, { headers: NO_STORE });
const refused = () => new Refused("sign_in_refused", "handover_code");
