/**
 * Connects in a browser: authorization code flow with PKCE (docs/facts/microsoft-calendar.md 11 lists what Entra
 * refuses).
 *
 *   /oauth2/connect ─▶ state stored ─▶ Entra ─▶ /oauth2/complete ─▶ state consumed ─▶ code redeemed ─▶ ID token ─▶ establish
 */

import type { Config, ConfigSource } from "../../../microsoft/config/index.ts";
import {
  authorizeUrl,
  type DelegatedAnswer,
  type DelegatedFailure,
  redeemCode,
} from "../../../microsoft/entra/delegated-tokens.ts";
import { refusalOf } from "../../../microsoft/entra/refusals.ts";
import type { IdTokenVerdict } from "../../../microsoft/entra/verify-id-token.ts";
import type { Fetch } from "../../../microsoft/network/index.ts";
import { type KeyRing, open } from "../../../platform/store/sealed.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";
import { establishBot } from "../bot-account/bot-account.ts";
import { BOT } from "../bot-account/bot-record.ts";
import { type Connection, isUsable, missing, ownerOf } from "../connection.ts";
import { type EstablishPorts, establish } from "./establish.ts";
import { type BegunFlows, beginFlow, challengeOf, type Flow, randomText, takeFlow } from "./flow-states.ts";
import { type Ending, ending, type Outcome, outage } from "./outcomes.ts";

export interface CodeFlowPorts extends EstablishPorts {
  readonly config: ConfigSource;
  readonly pluginId: string;
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly fetch: Fetch;
  readonly verifyIdToken: (token: string, nonce: string) => Promise<IdTokenVerdict | null>;
  readonly ring: () => KeyRing | null;
  /** Delegated Graph permissions that the enabled features need. */
  readonly permissions: () => readonly string[];
  /** The same for the bot account; empty while no feature uses one. */
  readonly botPermissions: () => readonly string[];
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
  readonly begun: BegunFlows;
}

/** The account being connected: the person's own, or the bot's. */
export type Whose = "own" | "bot";

export interface Browser {
  readonly userId: string;
  readonly sessionId: string;
}

export type Begun = { readonly redirect: string } | Ending;
export type Completed = Ending & {
  readonly connection?: Connection;
  readonly accessToken?: string;
  readonly expiresAt?: number;
};

/** Entra's codes have 700 to 2,000 characters. */
const MAX_CODE = 8192;

export async function begin(ports: CodeFlowPorts, browser: Browser, whose: Whose): Promise<Begun> {
  const begun = await beginAs(ports, browser, whose);
  return whose === "bot" && "outcome" in begun ? { ...begun, isBot: true } : begun;
}

async function beginAs(ports: CodeFlowPorts, { userId, sessionId }: Browser, whose: Whose): Promise<Begun> {
  const config = ports.config.current;
  const { registration } = config;
  const ring = ports.ring();
  const isBot = whose === "bot";
  const permissions = isBot ? ports.botPermissions() : ports.permissions();
  if (!registration || config.credentials.length === 0 || !ring || permissions.length === 0)
    return ending("not_configured", ring ? "registration" : "encryption_key");
  const user = await ports.user(userId);
  if (!user) return ending("inactive");
  const refusal = isBot ? await notAdmin(ports, userId) : await ports.seats.look(user);
  if (refusal) return ending(refusal);
  const owner = isBot ? BOT : userId;
  const connection = (await ports.store.read(owner))?.connection ?? null;
  if (
    isUsable(connection) &&
    isReadable(connection, owner, ring) &&
    missing(connection, permissions).length === 0
  )
    return ending(isBot ? "bot_exists" : "already_connected");

  const verifier = randomText();
  const nonce = randomText();
  const redirectUri = redirectUriOf(config, ports.pluginId);
  const { clientId, tenantId } = registration;
  const flow = { userId, sessionId, verifier, nonce, redirectUri, clientId, tenantId, permissions };
  const purpose = isBot ? { ...flow, account: "bot" as const } : flow;
  const state = await beginFlow(ports, purpose, ring);
  // Requests all permissions, not only the missing ones: Entra asks only for those that nobody has consented to yet.
  const request = { redirectUri, permissions, state, nonce, challenge: challengeOf(verifier) };
  const loginHint = connection?.account ?? (isBot ? "" : user.Email);
  return { redirect: authorizeUrl(config, { ...request, loginHint }) };
}

export async function complete(
  ports: CodeFlowPorts,
  browser: Browser,
  query: URLSearchParams,
): Promise<Completed> {
  const ring = ports.ring();
  const flow = await takeFlow(ports, only(query, "state"), browser, ring);
  if (!flow || !ring) return ending("state", "state");
  const completed = await completeFlow(ports, flow, query, ring);
  return flow.account === "bot" ? { ...completed, isBot: true } : completed;
}

async function completeFlow(
  ports: CodeFlowPorts,
  flow: Flow,
  query: URLSearchParams,
  ring: KeyRing,
): Promise<Completed> {
  if (query.has("error")) return refusedByEntra(query);
  const code = only(query, "code");
  if (code === "" || code.length > MAX_CODE) return ending("state", "code");
  const config = ports.config.current;
  const { registration } = config;
  const changed =
    registration?.tenantId !== flow.tenantId ||
    registration.clientId !== flow.clientId ||
    redirectUriOf(config, ports.pluginId) !== flow.redirectUri;
  if (changed) return ending("state", "the configuration changed meanwhile");

  const { nonce, permissions, redirectUri, verifier } = flow;
  const answer = await redeemCode(
    { config, fetch: ports.fetch },
    { code, nonce, verifier, redirectUri, permissions },
  );
  if (!answer.ok) return endingOf(answer);
  const person = await personOf(ports, answer.tokens.idToken, flow.nonce);
  if ("outcome" in person) return person;
  // Read again, because the account may have been deactivated while its owner was at Microsoft.
  const user = await ports.user(flow.userId);
  if (!user) return ending("inactive");
  const { accessToken, lifetimeMs } = answer.tokens;
  if (flow.account === "bot") {
    const refusal = await notAdmin(ports, flow.userId);
    if (refusal) return ending(refusal);
    const bot = await establishBot(ports, { person, tokens: answer.tokens, ring });
    if (!bot.ok) return bot.ending;
    const expiresAt = ports.clock() + lifetimeMs;
    return { ...ending("bot_connected"), connection: bot.connection, accessToken, expiresAt };
  }
  const made = await establish(ports, { user, person, tokens: answer.tokens, ring });
  if (!made.ok) return made.ending;
  const expiresAt = ports.clock() + lifetimeMs;
  return { ...ending("connected"), connection: made.connection, accessToken, expiresAt };
}

export function redirectUriOf({ siteUrl }: Config, pluginId: string): string {
  return `${siteUrl?.url ?? ""}/plugins/${pluginId}/oauth2/complete`;
}

const notAdmin = async ({ isSystemAdmin }: CodeFlowPorts, userId: string) =>
  (await isSystemAdmin(userId)) ? null : "admins_only";

/** A record with a damaged token does not count as connected, so that the person can connect at once. */
function isReadable({ sealed }: Connection, userId: string, ring: KeyRing): boolean {
  const opened = open(sealed, ownerOf(userId), ring);
  return opened.ok || opened.why === "key_unknown";
}

async function personOf(ports: CodeFlowPorts, idToken: string | null, nonce: string) {
  if (idToken === null) return ending("token_invalid", "no ID token");
  const verdict = await ports.verifyIdToken(idToken, nonce);
  if (!verdict) return ending("not_configured", "registration");
  if (verdict.ok) return verdict.person;
  if (verdict.reason === "keys_unavailable") return outage("keys");
  // The signature has been verified by then, so this is a person of another organisation.
  const foreign = verdict.reason === "tenant" || verdict.reason === "issuer";
  return ending(foreign ? "other_tenant" : "token_invalid", verdict.reason);
}

/** Returns a parameter that is present exactly once: servers disagree about which of several they use. */
function only(query: URLSearchParams, name: string): string {
  const [value, second] = query.getAll(name);
  return second === undefined ? (value ?? "") : "";
}

const endings: Readonly<Record<Exclude<DelegatedFailure, "unreachable">, Outcome>> = {
  consent: "needs_admin",
  interaction: "policy",
  grant: "refused",
  credential: "not_configured",
  answer: "token_invalid",
  refused: "refused",
};

export function endingOf({ code, why }: Extract<DelegatedAnswer, { ok: false }>): Ending {
  if (foreignAccount.has(code)) return ending("other_tenant", code);
  return why === "unreachable" ? outage(code) : ending(endings[why], code);
}

/** The account is not in our tenant: 50020, 50177, 90072, 700005 (docs/facts/microsoft-calendar.md 11 has the others). */
const foreignAccount = new Set(["AADSTS50020", "AADSTS50177", "AADSTS90072"]);

/** Decides by code and number. The text is in English, names people, and could come from an attacker who made the link. */
function refusedByEntra(query: URLSearchParams): Ending {
  const error = only(query, "error");
  const number = /^AADSTS\d{1,8}/.exec(only(query, "error_description"))?.[0] ?? "";
  const known = /^[a-z_]{1,40}$/.test(error) ? error : "unknown";
  const detail = number === "" ? known : `${known} ${number}`;
  if (foreignAccount.has(number)) return ending("other_tenant", detail);
  // This number means that the person declined; all others of this kind are for an admin.
  if (number === "AADSTS65004") return ending("cancelled", detail);
  const lacksConsent = number !== "" && refusalOf(number).code === "consent_missing";
  if (lacksConsent || error === "consent_required") return ending("needs_admin", detail);
  switch (error) {
    case "access_denied":
      return ending("cancelled", detail);
    case "server_error":
    case "temporarily_unavailable":
      // Not an outage: the query may be written by the person, and others must still be asked to connect.
      return ending("unreachable", detail);
    case "interaction_required":
    case "login_required":
      return ending("policy", detail);
    default:
      return ending("refused", detail);
  }
}
