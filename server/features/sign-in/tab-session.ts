/** Sessions of the tab: made like those of the server's own login, kept in a list, and ended when they must. */

import type { ServerRules } from "../../people/server-rules.ts";
import type { Settings } from "../../platform/settings/index.ts";
import type { Api, Session, User } from "../../runtime/mattermost/index.ts";
import { deviceOf } from "./user-agent.ts";

export type SessionApi = Pick<Api, "createSession" | "getSession" | "revokeSession">;

/** Marks our sessions among those of the account. */
const MARK = "mission_collaboration";
const HOUR = 3_600_000;

export interface NewSession {
  readonly id: string;
  /** The bearer of the account: for the HttpOnly cookie and nothing else. */
  readonly token: string;
  /** Also in the session's properties; the server compares the two on every write. */
  readonly csrf: string;
  readonly userId: string;
  /** How long the browser keeps the cookies, and we the session in the person's list; milliseconds since 1970. */
  readonly until: number;
}

/**
 * Where the server prolongs sessions that are used, cookies must outlive the first end: the server renews them,
 * but without `Partitioned`. A cookie whose session has ended opens nothing.
 */
const PROLONGED_MS = 180 * 24 * HOUR;

export async function createTabSession(
  api: SessionApi,
  user: Pick<User, "Id" | "Roles" | "AuthService">,
  rules: ServerRules,
  settings: Pick<Settings, "session_hours">,
  userAgent: string,
  now: number,
): Promise<NewSession> {
  const csrf = newId();
  const expiresAt = now + sessionHours(user, rules, settings) * HOUR;
  // An admin's own length counts from the sign-in: see PolicyKeeper.sweep.
  const prolonged = rules.extendsSessions && settings.session_hours === 0;
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
    until: prolonged ? Math.max(expiresAt, now + PROLONGED_MS) : expiresAt,
  };
}

/** Only sessions of ours: an id from a cookie might be the person's ordinary browser. */
export async function revokeIfOurs(api: SessionApi, sessionId: string): Promise<void> {
  const session = await api.getSession(sessionId).catch(() => null);
  if (session && isOurs(session)) await revoke(api, [sessionId]);
}

/** A session that is gone already is what was wanted. */
export async function revoke(api: SessionApi, sessionIds: readonly string[]): Promise<void> {
  await Promise.all(
    sessionIds.map((id) =>
      api.revokeSession(id).catch((error: unknown) => {
        if (!isGone(error)) throw error;
      }),
    ),
  );
}

const isOurs = ({ Props }: Pick<Session, "Props">) => Props[MARK] === "tab";

/** The server answers 400 or 404 for a session that it does not have, depending on where it looked. */
const isGone = (error: unknown) =>
  typeof error === "object" &&
  error !== null &&
  "statusCode" in error &&
  (error.statusCode === 400 || error.statusCode === 404);

/** As the server's DoLogin sets them; single sign-on sessions have a length of their own. */
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

/** 26 letters and digits as the server's own ids; 130 bits. */
export function newId(): string {
  const alphabet = "ybndrfg8ejkmcpqxot1uwisza345h769";
  return Array.from(crypto.getRandomValues(new Uint8Array(26)), (byte) => alphabet[byte & 31]).join("");
}
