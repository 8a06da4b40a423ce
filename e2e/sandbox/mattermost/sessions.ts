/** Finds the person of a request: cookies, tokens and the CSRF rule (channels/app/plugin_requests.go). */

import { randomBytes } from "node:crypto";
import type { Session, User } from "../../../server/runtime/mattermost/index.ts";
import { newId } from "./ids.ts";
import type { World } from "./world.ts";

export function cookie(request: Request, name: string): string {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const [key, ...value] = part.trim().split("=");
    if (key === name) return value.join("=");
  }
  return "";
}

/**
 * The session of a request. A token in `Authorization` or `access_token` decides alone, even if it is no session
 * token. A cookie needs the CSRF header for every method but GET. A session without the property `csrf` needs no
 * header: a plugin that forgets the property creates a session without this protection.
 */
export function sessionOf(world: World, request: Request): Session | undefined {
  const header = /^(?:bearer|token)\s+(.+)$/i.exec(request.headers.get("authorization") ?? "");
  const inQuery = new URL(request.url).searchParams.get("access_token");
  const token = header?.[1] ?? inQuery;
  if (token) return world.sessionByToken(token.trim());

  const session = world.sessionByToken(cookie(request, "MMAUTHTOKEN"));
  if (!session || request.method === "GET" || request.method === "HEAD") return session;
  const csrf = session.Props.csrf ?? "";
  if ((request.headers.get("x-csrf-token") ?? "") === csrf) return session;
  const strict = world.config.ServiceSettings.StrictCSRFEnforcement === true;
  return !strict && request.headers.get("x-requested-with") === "XMLHttpRequest" ? session : undefined;
}

/**
 * An account that must give a second factor first: it is signed in, but plugins see nobody.
 */
export function owesMfa(world: World, session: Session): boolean {
  const { EnableMultifactorAuthentication, EnforceMultifactorAuthentication } = world.config.ServiceSettings;
  const user = world.users.get(session.UserId);
  if (!user || !EnableMultifactorAuthentication || !EnforceMultifactorAuthentication) return false;
  return ["", "ldap"].includes(user.AuthService) && !user.MfaActive && !user.IsBot;
}

/** App.DoLogin: creates a web session and its three cookies. */
export function login(world: World, user: User, request: Request): { session: Session; cookies: string[] } {
  const hours = Number(world.config.ServiceSettings.SessionLengthWebInHours);
  const session = world.addSession({
    UserId: user.Id,
    Roles: user.Roles,
    ExpiresAt: world.now() + hours * 3_600_000,
    Props: { platform: "", os: "", browser: "", csrf: newId() },
  });
  return { session, cookies: sessionCookies(world, session, request) };
}

export function sessionCookies(world: World, session: Session, request: Request): string[] {
  const url = new URL(String(world.config.ServiceSettings.SiteURL));
  const path = url.pathname === "/" ? "/" : url.pathname.replace(/\/$/, "");
  const seconds =
    session.ExpiresAt > 0 ? Math.max(0, Math.round((session.ExpiresAt - world.now()) / 1000)) : 86_400;
  // With MMEMBED the server makes its cookies usable in frames of other sites (utils/api.go).
  const embedded = cookie(request, "MMEMBED") === "1";
  const secure = url.protocol === "https:" || embedded ? "; Secure" : "";
  const common = `; Path=${path}; Max-Age=${seconds}${secure}; SameSite=${embedded ? "None" : "Lax"}`;
  return [
    `MMAUTHTOKEN=${session.Token}${common}; HttpOnly`,
    `MMUSERID=${session.UserId}${common}`,
    `MMCSRF=${session.Props.csrf ?? ""}${common}`,
  ];
}

export function clearedCookies(world: World): string[] {
  const path = new URL(String(world.config.ServiceSettings.SiteURL)).pathname.replace(/(.)\/$/, "$1");
  return ["MMAUTHTOKEN", "MMUSERID", "MMCSRF"].map((name) => `${name}=; Path=${path}; Max-Age=0`);
}

export const connectionId = () => randomBytes(13).toString("hex");
