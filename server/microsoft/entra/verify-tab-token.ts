/**
 * Decides whether a tab token proves a person of our tenant.
 *
 * The order is part of the design: structure and algorithm first (cheap, no key needed), then the signature, and only
 * then the claims. The unsigned `ver` only decides which of the tenant's two metadata documents is read; with a wrong
 * value the issuer or the key does not match.
 */

import { type Claims, type EntraPerson, isText, personOf } from "./entra-person.ts";
import type { KeySource, TokenVersion } from "./tenant-keys.ts";

export const rejections = [
  "missing",
  "oversized",
  "malformed",
  "algorithm",
  "version",
  "key_unknown",
  "keys_unavailable",
  "tenant_unknown",
  "signature",
  "issuer",
  "tenant",
  "audience",
  "expired",
  "not_yet_valid",
  "lifetime",
  "app_only",
  "proof_of_possession",
  "scope",
  "client",
  "subject",
] as const;
export type Rejection = (typeof rejections)[number];

export interface Expectation {
  /** Lower-case GUIDs. */
  readonly tenantId: string;
  readonly clientId: string;
  /** `api://{host}/{clientId}`. */
  readonly applicationIdUri: string;
  /** Clients that may request the token: Teams, Outlook, Microsoft 365. */
  readonly callers: ReadonlySet<string>;
}

export type Verdict =
  | { readonly ok: true; readonly person: EntraPerson }
  | { readonly ok: false; readonly reason: Rejection; readonly detail: string };

export const SCOPE = "access_as_user";
/** Entra's tokens have 1 to 4 KB, and more with many groups. */
export const MAX_TOKEN_BYTES = 16 * 1024;
/** The same skew as Microsoft's own libraries allow. */
export const CLOCK_SKEW_S = 5 * 60;
/**
 * CAE-capable sessions get tokens of 20 to 28 hours (docs/facts/microsoft.md 2.2); no genuine token lives longer than
 * this.
 */
export const MAX_LIFETIME_S = 29 * 3600;

export const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
export const NIL_GUID = "00000000-0000-0000-0000-000000000000";

/** Loaded with the first token: it would cost every start of the plugin 10 ms. */
let jsonwebtoken: typeof import("jsonwebtoken") | null = null;

export async function verifyTabToken(
  token: string,
  expect: Expectation,
  keys: KeySource,
  now: Date,
): Promise<Verdict> {
  requireComplete(expect);
  const tenantId = expect.tenantId;
  const signed = await verifySigned(
    token,
    { tenantId, audiences: (version) => audiences(version, expect) },
    keys,
    now,
  );
  if (!signed.ok) return signed;
  const { claims, version } = signed;
  if (isAppOnly(claims)) return reject("app_only", "of an application");
  // RFC 7800: only a sender who proves possession of the key named there may use the token; a bearer token proves
  // nothing.
  if (claims.cnf !== undefined) return reject("proof_of_possession", "bound to a key by cnf");
  if (!scopes(claims.scp).includes(SCOPE)) return reject("scope", printable(claims.scp));
  const caller = claims.ver === "1.0" ? claims.appid : claims.azp;
  if (typeof caller !== "string" || !expect.callers.has(caller)) return reject("client", printable(caller));
  if (typeof claims.oid !== "string" || !GUID.test(claims.oid) || claims.oid === NIL_GUID)
    return reject("subject", "no oid");

  const proven = { caller, objectId: claims.oid, tenantId, tokenVersion: version };
  return { ok: true, person: personOf(claims, proven) };
}

export type Signed =
  | { readonly ok: true; readonly claims: Claims; readonly version: TokenVersion }
  | { readonly ok: false; readonly reason: Rejection; readonly detail: string };

/** The checks for every token of the tenant: form, signature, issuer, tenant, audience, times. */
export async function verifySigned(
  token: string,
  expect: { readonly tenantId: string; audiences(version: TokenVersion): readonly unknown[] },
  keys: KeySource,
  now: Date,
): Promise<Signed> {
  if (token === "") return reject("missing", "no token");
  if (token.length > MAX_TOKEN_BYTES) return reject("oversized", `${token.length} bytes`);

  const parts = parseCompact(token);
  if (typeof parts === "string") return reject("malformed", parts);
  const { header, claims } = parts;
  if (header.alg !== "RS256") return reject("algorithm", printable(header.alg));
  if (header.crit !== undefined || header.b64 !== undefined)
    return reject("malformed", "header asks for an extension");
  if (header.typ !== undefined && header.typ !== "JWT") return reject("malformed", "typ is not JWT");
  if (!isText(header.kid, 256)) return reject("malformed", "no kid");
  if (!isVersion(claims.ver)) return reject("version", printable(claims.ver));

  const answer = await keys.find(claims.ver, header.kid);
  if (!answer.found) return reject(answer.reason, answer.detail);
  jsonwebtoken ??= (await import("jsonwebtoken")).default;
  try {
    // We check the times ourselves: the library accepts a token without them, and does not check the issue time.
    jsonwebtoken.verify(token, answer.key, {
      algorithms: ["RS256"],
      ignoreExpiration: true,
      ignoreNotBefore: true,
    });
  } catch (error) {
    return reject("signature", error instanceof Error ? error.message : "not verified");
  }

  if (claims.iss !== answer.issuer) return reject("issuer", printable(claims.iss));
  if (claims.tid !== expect.tenantId) return reject("tenant", printable(claims.tid));
  if (!expect.audiences(claims.ver).includes(claims.aud)) return reject("audience", printable(claims.aud));
  const untimely = checkTimes(claims, Math.floor(now.getTime() / 1000));
  if (untimely) return untimely;
  return { ok: true, claims, version: claims.ver };
}

const reject = (reason: Rejection, detail: string): { ok: false; reason: Rejection; detail: string } => ({
  ok: false,
  reason,
  detail,
});

/**
 * An empty claim would match an empty expectation, so an incomplete expectation is a bug of the plugin and throws.
 */
function requireComplete(expect: Expectation): void {
  if (
    !GUID.test(expect.tenantId) ||
    !GUID.test(expect.clientId) ||
    !expect.applicationIdUri.startsWith("api://") ||
    expect.callers.size === 0
  )
    throw new Error("token expectation is incomplete");
}

interface CompactToken {
  readonly header: Claims;
  readonly claims: Claims;
}

/** Stricter than jsonwebtoken: canonical base64url, UTF-8, objects. Returns a string that names the fault. */
function parseCompact(token: string): CompactToken | string {
  const segments = token.split(".");
  const [head, body, signature] = segments;
  if (segments.length !== 3 || !head || !body || !signature) return "not three segments";
  if (!isBase64url(head) || !isBase64url(body) || !isBase64url(signature))
    return "a segment is not canonical base64url";
  const header = parseObject(head);
  const claims = parseObject(body);
  if (!header || !claims) return "a segment is not a JSON object";
  return { header, claims };
}

/** Allowed last characters of a segment that leaves 4 or 2 bits unused: those bits must be zero. */
const LAST_OF_TWO = /^[AQgw]$/;
const LAST_OF_THREE = /^[AEIMQUYcgkosw048]$/;

/** Accepts only the canonical encoding, so that one token has one spelling. */
function isBase64url(segment: string): boolean {
  if (!/^[A-Za-z0-9_-]+$/.test(segment)) return false;
  const last = segment.slice(-1);
  switch (segment.length % 4) {
    case 1:
      return false;
    case 2:
      return LAST_OF_TWO.test(last);
    case 3:
      return LAST_OF_THREE.test(last);
    default:
      return true;
  }
}

/** Refuses bytes that are not UTF-8, and keeps a byte order mark, which JSON then refuses. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function parseObject(segment: string): Claims | null {
  try {
    const value: unknown = JSON.parse(utf8.decode(Buffer.from(segment, "base64url")));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Claims) : null;
  } catch {
    return null;
  }
}

const isVersion = (value: unknown): value is TokenVersion => value === "1.0" || value === "2.0";

/**
 * A v2 token always names the bare client id; a v1 token names the form that was requested (docs/facts/microsoft.md
 * 2.1).
 */
function audiences(version: unknown, expect: Expectation): readonly unknown[] {
  if (version === "2.0") return [expect.clientId];
  return [expect.clientId, expect.applicationIdUri, `${expect.applicationIdUri}/`];
}

function checkTimes({ exp, nbf, iat }: Claims, now: number): ReturnType<typeof reject> | null {
  if (!isTime(exp) || !isTime(nbf) || !isTime(iat)) return reject("lifetime", "exp, nbf or iat is no time");
  if (now >= exp + CLOCK_SKEW_S) return reject("expired", `expired ${now - exp} s ago`);
  if (nbf > now + CLOCK_SKEW_S) return reject("not_yet_valid", `valid in ${nbf - now} s`);
  if (iat > now + CLOCK_SKEW_S) return reject("not_yet_valid", `issued in ${iat - now} s`);
  if (exp <= nbf || exp <= iat || exp - iat > MAX_LIFETIME_S || exp - nbf > MAX_LIFETIME_S)
    return reject("lifetime", `lives ${exp - iat} s`);
  return null;
}

const isTime = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value > 0;

/** App-only tokens have `roles` and no `scp`. `idtyp` is an optional claim, so its absence proves nothing. */
function isAppOnly({ idtyp, roles, scp }: Claims): boolean {
  return (idtyp !== undefined && idtyp !== "user") || (roles !== undefined && scp === undefined);
}

const scopes = (scp: unknown): string[] => (typeof scp === "string" ? scp.split(" ") : []);

/** For the audit record: short, on one line, and only claims that name no person. */
function printable(value: unknown): string {
  if (value === undefined) return "absent";
  const text = typeof value === "string" ? value : typeof value;
  return text.replace(/[^\x21-\x7e ]/g, "?").slice(0, 120);
}
