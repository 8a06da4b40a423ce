/** A test authority on loopback: real documents over HTTP, real RS256 keys, and faults on demand. */

import { createSign, type KeyObject } from "node:crypto";
import { rsaKeyPair } from "../../../../e2e/sandbox/entra/key-pairs.ts";
import type { Fetch } from "../../network/index.ts";
import type { Expectation } from "../verify-tab-token.ts";

export const TENANT = "11111111-1111-4111-8111-111111111111";
export const OTHER_TENANT = "99999999-9999-4999-8999-999999999999";
export const CLIENT = "22222222-2222-4222-8222-222222222222";
export const PERSON = "33333333-3333-4333-8333-333333333333";
export const TEAMS_WEB = "5e3ce6c0-2b1f-4285-8d4b-75ee78787346";
export const APPLICATION_ID_URI = `api://chat.example.com/${CLIENT}`;
export const V1_ISSUER = `https://sts.login.test/${TENANT}/`;
export const V2_ISSUER = `https://login.test/${TENANT}/v2.0`;

export const expectation: Expectation = {
  tenantId: TENANT,
  clientId: CLIENT,
  applicationIdUri: APPLICATION_ID_URI,
  callers: new Set([TEAMS_WEB]),
};

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: Record<string, unknown>;
}

export function signingKey(kid: string, bits = 2048): SigningKey {
  const { privateKey, publicKey } = rsaKeyPair(kid, bits);
  return { kid, privateKey, jwk: { ...publicKey.export({ format: "jwk" }), kid, use: "sig" } };
}

/** Created once: two key pairs take longer than all tests that use them. */
export const firstKey = signingKey("key-1");
export const secondKey = signingKey("key-2");

export type Claims = Record<string, unknown>;

export const v2Claims = (now: number): Claims => ({
  ver: "2.0",
  iss: V2_ISSUER,
  aud: CLIENT,
  tid: TENANT,
  oid: PERSON,
  sub: "pairwise-subject",
  azp: TEAMS_WEB,
  azpacr: "0",
  scp: "access_as_user",
  name: "Ana Example",
  preferred_username: "ana@example.com",
  uti: "unique-token-id",
  iat: now - 60,
  nbf: now - 60,
  exp: now + 3600,
});

export const v1Claims = (now: number): Claims => ({
  ver: "1.0",
  iss: V1_ISSUER,
  aud: APPLICATION_ID_URI,
  tid: TENANT,
  oid: PERSON,
  sub: "pairwise-subject",
  appid: TEAMS_WEB,
  appidacr: "0",
  scp: "access_as_user",
  amr: ["pwd", "mfa"],
  name: "Ana Example",
  unique_name: "ana@example.com",
  upn: "ana@example.com",
  uti: "unique-token-id",
  iat: now - 60,
  nbf: now - 60,
  exp: now + 3600,
});

const base64url = (value: string) => Buffer.from(value).toString("base64url");

/** Signs any claims, valid or not. Text is signed as it is, objects become JSON. */
export function sign(
  claims: Claims | string,
  options: { header?: Claims | string; key?: SigningKey; hash?: string } = {},
): string {
  const key = options.key ?? firstKey;
  const header = options.header ?? { typ: "JWT", alg: "RS256", kid: key.kid };
  const text = (part: Claims | string) => (typeof part === "string" ? part : JSON.stringify(part));
  const signed = `${base64url(text(header))}.${base64url(text(claims))}`;
  const signature = createSign(options.hash ?? "RSA-SHA256")
    .update(signed)
    .sign(key.privateKey, "base64url");
  return `${signed}.${signature}`;
}

type Respond = (path: string) => Response | Promise<Response> | undefined;

export class TestAuthority {
  /** For the product's configuration; this host exists only in `fetch` below. */
  readonly loginUrl = "https://login.test";
  /** Requested paths, in order. */
  readonly requests: string[] = [];
  /** Keys published in both documents. */
  keys: Record<string, unknown>[] = [firstKey.jwk];
  /** May answer in place of the authority; undefined lets the authority answer. */
  respond: Respond = () => undefined;
  readonly #server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => this.#answer(request) });

  readonly fetch: Fetch = (url, init) => {
    const { host, pathname } = new URL(url);
    if (host !== "login.test") {
      this.requests.push(`foreign host ${host}`);
      return Promise.reject(new Error(`no such host: ${host}`));
    }
    return fetch(`http://127.0.0.1:${this.#server.port}${pathname}`, init);
  };

  /** Restores the initial state. */
  reset(): void {
    this.requests.length = 0;
    this.keys = [firstKey.jwk];
    this.respond = () => undefined;
  }

  /** The address where it really listens; the product must never see it. */
  get realUrl(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  get keyFetches(): number {
    return this.requests.filter((path) => path.endsWith("/keys")).length;
  }

  stop(): Promise<void> {
    return this.#server.stop(true);
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.requests.push(pathname);
    const instead = await this.respond(pathname);
    if (instead) return instead;
    const base = `/${TENANT}`;
    switch (pathname) {
      case `${base}/.well-known/openid-configuration`:
        return Response.json({ issuer: V1_ISSUER, jwks_uri: `${this.loginUrl}${base}/discovery/keys` });
      case `${base}/v2.0/.well-known/openid-configuration`:
        return Response.json({ issuer: V2_ISSUER, jwks_uri: `${this.loginUrl}${base}/discovery/v2.0/keys` });
      case `${base}/discovery/keys`:
      case `${base}/discovery/v2.0/keys`:
        return Response.json({ keys: this.keys });
      default:
        return new Response("not found", { status: 404 });
    }
  }
}
