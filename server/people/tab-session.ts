/**
 * Sessions of the tab: created like those of the server's own login, recorded in a list, and ended when necessary.
 */

import type { Settings } from "../platform/settings/index.ts";
import type { Api, Session, User } from "../runtime/mattermost/index.ts";
import type { ServerRules } from "./server-rules.ts";
import { deviceOf } from "./user-agent.ts";

export type SessionApi = Pick<Api, "createSession" | "getSession" | "revokeSession">;

/** The property that marks our sessions among those of the account. */
const MARK = "mission_collaboration";
const HOUR = 3_600_000;

export interface NewSession {
  readonly id: string;
  /** The bearer token of the account, used only for the HttpOnly cookie. */
  readonly token: string;
  /** Also in the session's properties; the server compares the two on every write. */
  readonly csrf: string;
  readonly userId: string;
  /** How long the browser keeps the cookies, and we the session in the person's list; milliseconds since 1970. */
  readonly until: number;
}

/**
 * When the server extends sessions that are used, cookies must outlive the session's first end: the server renews
 * them, but without `Partitioned`. A cookie of an ended session opens nothing.
 */
const PROLONGED_MS = 180 * 24 * HOUR;

/** The settings that decide how long a session of the tab lives. */
export interface SessionRule {
  readonly rules: ServerRules;
  readonly settings: Pick<Settings, "session_hours">;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export async function createTabSession(
  api: Pick<SessionApi, "createSession">,
  user: Pick<User, "Id" | "Roles" | "AuthService">,
  rule: SessionRule,
  userAgent: string,
): Promise<NewSession> {
  const csrf = newId();
  const expiresAt = rule.now + sessionHours(user, rule.rules, rule.settings) * HOUR;
  const session = await api.createSession({
    UserId: user.Id,
    Roles: user.Roles,
    ExpiresAt: expiresAt,
    Props: { ...deviceProps(userAgent), ...accountProps(user), csrf, [MARK]: "tab" },
  });
  if (!session || session.Token === "" || session.Id === "") throw new Error("the server made no session");
  return {
    id: session.Id,
    token: session.Token,
    csrf,
    userId: user.Id,
    until: cookiesUntil(expiresAt, rule),
  };
}

/** Whether the server extends our sessions. An admin's own length counts from the sign-in (PolicyKeeper.sweep). */
const isProlonged = (rules: ServerRules, settings: Pick<Settings, "session_hours">) =>
  rules.extendsSessions && settings.session_hours === 0;

const cookiesUntil = (expiresAt: number, { rules, settings, now }: SessionRule) =>
  isProlonged(rules, settings) ? Math.max(expiresAt, now + PROLONGED_MS) : expiresAt;

/**
 * A web socket is bound to the session it was opened with: when that session ends, the socket stays open and receives
 * nothing more. So an existing session is kept, if it has at least this long to live.
 */
export const KEPT_LEFT_MS = 15 * 60_000;

export type Previous =
  /** The session is kept, with the same token. */
  | { readonly is: "kept"; readonly session: NewSession }
  /** It expires within a quarter of an hour; until then open pages still receive events through it. */
  | { readonly is: "ending" }
  /** It must end now: it is another person's, exceeds the admin's limit, or is incomplete. */
  | { readonly is: "over"; readonly id: string }
  /** There is none, or one that we did not create, which we neither keep nor end. */
  | { readonly is: "none" };

/**
 * Decides what to do with the browser's current session when `user` signs in. The server found it by the cookie of
 * the request, so the caller has its token anyway.
 */
export async function previousSession(
  api: Pick<SessionApi, "getSession">,
  sessionId: string | null,
  user: Pick<User, "Id" | "AuthService">,
  { rules, settings, now }: SessionRule,
): Promise<Previous> {
  const session = sessionId === null ? null : await api.getSession(sessionId).catch(() => null);
  if (!session || !isOurs(session)) return { is: "none" };
  const over = { is: "over", id: session.Id } as const;
  if (session.UserId !== user.Id) return over;
  const csrf = session.Props.csrf ?? "";
  // When the server extends sessions, the admin's own length still counts from the beginning.
  const limit = isProlonged(rules, settings)
    ? session.ExpiresAt
    : Math.min(session.ExpiresAt, session.CreateAt + sessionHours(user, rules, settings) * HOUR);
  if (limit <= now || session.Token === "" || csrf === "") return over;
  if (limit - now < KEPT_LEFT_MS) return { is: "ending" };
  const until = cookiesUntil(limit, { rules, settings, now });
  return {
    is: "kept",
    session: { id: session.Id, token: session.Token, csrf, userId: session.UserId, until },
  };
}

/**
 * Logs out in the tab. Ends only a session of ours, because the cookie might belong to the person's ordinary browser.
 */
export async function endTabSession(
  api: Pick<SessionApi, "getSession" | "revokeSession">,
  sessionId: string,
): Promise<void> {
  const session = await api.getSession(sessionId).catch(() => null);
  if (session && isOurs(session)) await revoke(api, [sessionId]);
}

/** Succeeds for a session that is already gone. */
export async function revoke(
  api: Pick<SessionApi, "revokeSession">,
  sessionIds: readonly string[],
): Promise<void> {
  await Promise.all(
    sessionIds.map((id) =>
      api.revokeSession(id).catch((error: unknown) => {
        if (!isGone(error)) throw error;
      }),
    ),
  );
}

const isOurs = ({ Props }: Pick<Session, "Props">) => Props[MARK] === "tab";

/** The server answers 400 or 404 for an unknown session, depending on where it looked. */
const isGone = (error: unknown) =>
  typeof error === "object" &&
  error !== null &&
  "statusCode" in error &&
  (error.statusCode === 400 || error.statusCode === 404);

/** The same as the server's DoLogin sets; single sign-on sessions have a length of their own. */
function accountProps({ Roles, AuthService }: Pick<User, "Roles" | "AuthService">): Record<string, string> {
  return {
    isMobile: "false",
    isSaml: String(AuthService === "saml"),
    isOAuthUser: String(isOAuth(AuthService)),
    is_guest: String(Roles.split(" ").includes("system_guest")),
  };
}

function deviceProps(userAgent: string): Record<string, string> {
  const { platform, os, browser } = deviceOf(userAgent);
  return { platform, os, browser };
}

const isOAuth = (service: string) => ["gitlab", "google", "office365", "openid"].includes(service);

function sessionHours(
  { AuthService }: Pick<User, "AuthService">,
  rules: ServerRules,
  { session_hours: wanted }: Pick<Settings, "session_hours">,
): number {
  const own = AuthService === "saml" || isOAuth(AuthService) ? rules.ssoHours : rules.webHours;
  return wanted === 0 ? own : Math.min(own, wanted);
}

/** 26 letters and digits like the server's own ids; 130 bits. */
export function newId(): string {
  const alphabet = "ybndrfg8ejkmcpqxot1uwisza345h769";
  return Array.from(crypto.getRandomValues(new Uint8Array(26)), (byte) => alphabet[byte & 31]).join("");
}
