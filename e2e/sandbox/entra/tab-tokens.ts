/** Tokens for the tab: as Entra issues them, and every wrong kind that an attacker may send. */

import { createHmac, randomUUID } from "node:crypto";
import type { Person } from "../tenant.ts";
import { TEAMS_WEB_APP_ID } from "../tenant.ts";
import type { Application } from "../tenant-apps.ts";
import { joinJwt, newSigningKey, type SigningKey, signJwt } from "./keys.ts";

export interface TokenPorts {
  readonly tenantId: string;
  readonly issuerV1: string;
  readonly issuerV2: string;
  readonly key: SigningKey;
  /** Milliseconds. */
  readonly now: number;
}

/** Lifetime of a tab token in seconds; Entra chooses 60 to 90 minutes. */
const LIFETIME = 4_500;

export function tabClaims(
  ports: TokenPorts,
  app: Application,
  person: Person,
  version: 1 | 2,
): Record<string, unknown> {
  const at = Math.floor(ports.now / 1000);
  const guest = person.guest
    ? { acct: 1, idp: "https://sts.windows.net/9f9f9f9f-0000-4000-8000-000000000000/" }
    : { acct: 0 };
  const common = {
    iat: at - 5,
    nbf: at - 5,
    exp: at + LIFETIME,
    oid: person.objectId,
    sub: Buffer.from(`${app.appId}${person.objectId}`).toString("base64url").slice(0, 43),
    tid: ports.tenantId,
    name: person.displayName,
    scp: "access_as_user",
    uti: randomUUID().slice(0, 22),
    rh: "1.AX0A",
    ...(person.mail && { email: person.mail }),
    ...guest,
  };
  if (version === 2) {
    return {
      ...common,
      aud: app.appId,
      iss: ports.issuerV2,
      azp: TEAMS_WEB_APP_ID,
      azpacr: "0",
      preferred_username: person.userPrincipalName,
      ver: "2.0",
    };
  }
  return {
    ...common,
    aud: app.identifierUris[0] ?? app.appId,
    iss: ports.issuerV1,
    appid: TEAMS_WEB_APP_ID,
    appidacr: "0",
    unique_name: person.userPrincipalName,
    upn: person.userPrincipalName,
    ver: "1.0",
  };
}

type Change = (claims: Record<string, unknown>, ports: TokenPorts) => Record<string, unknown>;

const without =
  (...names: string[]): Change =>
  (claims) =>
    Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));
const hour = 3_600;

/** Wrong claims with a valid signature. */
const wrongClaims = {
  "other audience": (claims) => ({ ...claims, aud: randomUUID() }),
  "audience of Graph": (claims) => ({ ...claims, aud: "00000003-0000-0000-c000-000000000000" }),
  "list of audiences": (claims) => ({ ...claims, aud: [claims.aud, randomUUID()] }),
  "other tenant": (claims) => ({ ...claims, tid: randomUUID() }),
  "other issuer": (claims) => ({ ...claims, iss: "https://login.evil.example/v2.0" }),
  "issuer of another tenant": (claims, ports) => ({
    ...claims,
    iss: String(claims.iss).replace(ports.tenantId, randomUUID()),
  }),
  "issuer of the other version": (claims, ports) => ({
    ...claims,
    iss: claims.ver === "2.0" ? ports.issuerV1 : ports.issuerV2,
  }),
  expired: (claims) => ({
    ...claims,
    iat: Number(claims.iat) - 3 * hour,
    nbf: Number(claims.nbf) - 3 * hour,
    exp: Number(claims.exp) - 3 * hour,
  }),
  "not yet valid": (claims) => ({
    ...claims,
    nbf: Number(claims.nbf) + hour,
    iat: Number(claims.iat) + hour,
    exp: Number(claims.exp) + hour,
  }),
  "no expiry": without("exp"),
  "expiry as text": (claims) => ({ ...claims, exp: String(claims.exp) }),
  "no scope": without("scp"),
  "other scope": (claims) => ({ ...claims, scp: "User.Read" }),
  "scope as part of a word": (claims) => ({ ...claims, scp: "not_access_as_user_at_all" }),
  "app only": (claims) => ({
    ...without("scp")(claims, {} as TokenPorts),
    roles: ["access_as_user"],
    idtyp: "app",
  }),
  "app only with a scope": (claims) => ({ ...claims, idtyp: "app" }),
  "unknown client": (claims) => ({ ...claims, [claims.ver === "2.0" ? "azp" : "appid"]: randomUUID() }),
  "no client": without("azp", "appid"),
  "no object id": without("oid"),
  "object id that is no GUID": (claims) => ({ ...claims, oid: "admin" }),
  guest: (claims) => ({
    ...claims,
    acct: 1,
    idp: "https://sts.windows.net/9f9f9f9f-0000-4000-8000-000000000000/",
  }),
} satisfies Record<string, Change>;

/** Wrong header or signature. */
const wrongForms = {
  "no signature (alg none)": (claims) => joinJwt({ typ: "JWT", alg: "none" }, claims, () => ""),
  "HS256 with the public key": (claims, { key }) => {
    const secret = key.publicKey.export({ type: "spki", format: "pem" });
    const sign = (body: string) => createHmac("sha256", secret).update(body).digest("base64url");
    return joinJwt({ typ: "JWT", alg: "HS256", kid: key.kid }, claims, sign);
  },
  "unknown key": (claims) => signJwt(claims, newSigningKey("attacker")),
  "another key under a known id": (claims, { key }) =>
    signJwt(claims, newSigningKey("attacker"), { kid: key.kid }),
  "key inside the header": (claims) => {
    const own = newSigningKey("attacker");
    return signJwt(claims, own, { jwk: own.publicKey.export({ format: "jwk" }) });
  },
  "changed after signing": (claims, { key }) => {
    const [header, , signature] = signJwt(claims, key).split(".");
    const changed = Buffer.from(JSON.stringify({ ...claims, oid: randomUUID() })).toString("base64url");
    return `${header}.${changed}.${signature}`;
  },
  "signature cut off": (claims, { key }) => signJwt(claims, key).split(".").slice(0, 2).join("."),
  garbage: () => "not.a.token",
  empty: () => "",
} satisfies Record<string, (claims: Record<string, unknown>, ports: TokenPorts) => string>;

export type BadToken = keyof typeof wrongClaims | keyof typeof wrongForms;
export type TokenKind = "good" | BadToken;

export const badTokens = [...Object.keys(wrongClaims), ...Object.keys(wrongForms)] as BadToken[];

export function tabToken(
  ports: TokenPorts,
  app: Application,
  person: Person,
  { version, kind }: { readonly version: 1 | 2; readonly kind: TokenKind },
): string {
  const claims = tabClaims(ports, app, person, version);
  if (kind === "good") return signJwt(claims, ports.key);
  const change: Change | undefined = wrongClaims[kind as keyof typeof wrongClaims];
  if (change) return signJwt(change(claims, ports), ports.key);
  return wrongForms[kind as keyof typeof wrongForms](claims, ports);
}
