/** Entra's stand-in: metadata, keys, the token endpoint. It validates what it is asked as Entra does. */

import { createPublicKey, randomUUID, verify as verifySignature } from "node:crypto";
import { Hono } from "hono";
import jsonwebtoken from "jsonwebtoken";
import { type Application, GRAPH_APP_ID, GRAPH_CLI_APP_ID, type Person, type Tenant } from "../tenant.ts";
import type { Authority } from "../tls/authority.ts";
import { type Place, TlsServer } from "../tls/server.ts";
import type { WireLog } from "../wire-log.ts";
import { type AuthorizeAnswer, authorizePage, graphNames, judgeAuthorize } from "./authorize.ts";
import { DelegatedGrants, type GrantRefusal } from "./delegated-grants.ts";
import { DeviceCodes } from "./device-codes.ts";
import { newSigningKey, type SigningKey, signJwt, toJwk } from "./keys.ts";
import { type TokenKind, type TokenPorts, tabToken } from "./tab-tokens.ts";

export interface EntraFaults {
  delayMs: number;
  unreachable: boolean;
  metadata: "right" | "other issuer" | "other key address" | "broken" | "error";
  keys: "right" | "empty" | "only foreign" | "broken" | "huge" | "error";
  tokens: "right" | "error" | "throttled";
  /** Of the person for delegated Graph permissions. */
  consent: "granted" | "missing" | "interaction needed";
  /** Lifetime of Graph tokens in seconds; null: 60 to 90 minutes, as Entra chooses. */
  tokenLifetime: number | null;
}

const noFaults: EntraFaults = {
  delayMs: 0,
  unreachable: false,
  metadata: "right",
  keys: "right",
  tokens: "right",
  consent: "granted",
  tokenLifetime: null,
};

/** Claims of a Graph token, for the Graph stand-in. */
export interface GraphToken {
  readonly appid: string;
  readonly roles: readonly string[];
  readonly scp: readonly string[];
  readonly oid: string | null;
  readonly exp: number;
}

type Grant = { status: number; body: Record<string, unknown> };

export class Entra {
  readonly faults: EntraFaults = { ...noFaults };
  readonly deviceCodes = new DeviceCodes();
  /** Milliseconds since 1970, for what people sign in to; specs move it. */
  now: () => number = Date.now;
  readonly delegated = new DelegatedGrants(() => this.now());
  /** Changes the claims of the next ID tokens: for attacks. */
  idClaims: (claims: Record<string, unknown>) => Record<string, unknown> = (claims) => claims;
  /** Signs the next ID tokens in place of the tenant's key. */
  idKey: SigningKey | null = null;
  /** How often keys and metadata were fetched, for specs of caching. */
  readonly fetched = { metadata: 0, keys: 0, tokens: 0 };
  readonly #tenant: Tenant;
  readonly #wires: WireLog;
  readonly #server: TlsServer;
  #keys: SigningKey[] = [newSigningKey("tenant")];
  readonly #foreign = newSigningKey("another tenant");
  graphUrl = "https://graph.microsoft.com";

  constructor(tenant: Tenant, authority: Authority, wires: WireLog, place?: Place) {
    this.#tenant = tenant;
    this.#wires = wires;
    const app = this.#routes();
    this.#server = new TlsServer(authority, (request) => this.#answer(app, request), place);
  }

  listen(port = 0): void {
    this.#server.listen(port);
  }

  close(): void {
    this.#server.close();
  }

  /** Base of the authority: `custom_login_url`. */
  get url(): string {
    return this.#server.url;
  }

  get issuerV2(): string {
    return `${this.url}/${this.#tenant.id}/v2.0`;
  }

  /** On another host name than the keys, as sts.windows.net is. */
  get issuerV1(): string {
    return `https://sts.sandbox.example/${this.#tenant.id}/`;
  }

  setFaults(faults: Partial<EntraFaults>): void {
    Object.assign(this.faults, faults);
    this.#server.setReachable(!this.faults.unreachable);
  }

  healthy(): void {
    this.setFaults(noFaults);
    this.idClaims = (claims) => claims;
    this.idKey = null;
    this.delegated.oneUseRefreshTokens = false;
  }

  /** A new key signs from now on. With `keepOld` false, tokens signed before stop being valid. */
  rotateKeys(options: { keepOld?: boolean; publish?: boolean } = {}): void {
    const fresh = newSigningKey(undefined, options.publish ?? true);
    this.#keys = options.keepOld === false ? [fresh] : [...this.#keys, fresh];
  }

  /** What a Teams client hands to the tab. */
  tabToken(
    app: Application,
    person: Person,
    options: { kind?: TokenKind; version?: 1 | 2; now?: number } = {},
  ): string {
    const version = options.version ?? (app.api.requestedAccessTokenVersion === 2 ? 2 : 1);
    return tabToken(this.ports(options.now), app, person, version, options.kind ?? "good");
  }

  /**
   * What the browser does at the authorize address: the person signs in and agrees, or does not.
   * Answers the address that the browser is sent to. Throws where Entra shows a page of its own instead.
   */
  signIn(address: string, person: Person, answer: AuthorizeAnswer = "agree"): string {
    const judged = judgeAuthorize(this.#tenant, this.graphUrl, new URL(address));
    if (!judged.ok && judged.redirect === null) throw new Error(judged.text);
    if (!judged.ok) return judged.redirect as string;
    return judged.finish(person, answer, (request) => this.delegated.issueCode(request, person.objectId));
  }

  ports(now = Date.now()): TokenPorts {
    return {
      tenantId: this.#tenant.id,
      issuerV1: this.issuerV1,
      issuerV2: this.issuerV2,
      key: this.#signer,
      now,
    };
  }

  /** The claims of one of our Graph tokens, or null. */
  readGraphToken(token: string): GraphToken | null {
    for (const key of this.#keys) {
      try {
        const claims = jsonwebtoken.verify(token, key.publicKey, {
          algorithms: ["RS256"],
          clockTimestamp: Math.floor(this.now() / 1000),
        }) as Record<string, unknown>;
        if (claims.aud !== this.graphUrl && claims.aud !== GRAPH_APP_ID) return null;
        return {
          appid: String(claims.appid ?? ""),
          roles: (claims.roles as string[] | undefined) ?? [],
          scp: String(claims.scp ?? "")
            .split(" ")
            .filter((each) => each !== ""),
          oid: typeof claims.oid === "string" && claims.idtyp !== "app" ? claims.oid : null,
          exp: Number(claims.exp),
        };
      } catch {
        // The next key may fit.
      }
    }
    return null;
  }

  get #signer(): SigningKey {
    return this.#keys.at(-1) as SigningKey;
  }

  async #answer(app: Hono, request: Request): Promise<Response> {
    if (this.faults.delayMs > 0) await Bun.sleep(this.faults.delayMs);
    const path = new URL(request.url).pathname.replace(this.#tenant.id, "{tenant}");
    const started = performance.now();
    const response = await app.fetch(request);
    const detail = response.headers.get("x-sandbox-detail") ?? String(response.status);
    response.headers.delete("x-sandbox-detail");
    this.#wires.add("entra", `${request.method} ${path}`, {
      detail,
      ok: response.status < 400,
      took: performance.now() - started,
    });
    return response;
  }

  #routes(): Hono {
    const app = new Hono();
    const tenant = this.#tenant.id;
    const metadata = (version: 1 | 2) => () => {
      this.fetched.metadata++;
      if (this.faults.metadata === "error") return new Response("Service Unavailable", { status: 503 });
      if (this.faults.metadata === "broken")
        return new Response('{"issuer": ', { headers: { "Content-Type": "application/json" } });
      const issuer = version === 2 ? this.issuerV2 : this.issuerV1;
      const path = version === 2 ? "discovery/v2.0/keys" : "discovery/keys";
      const base = this.faults.metadata === "other key address" ? "https://keys.evil.example" : this.url;
      return Response.json({
        issuer: this.faults.metadata === "other issuer" ? "https://login.evil.example/v2.0" : issuer,
        token_endpoint: `${this.url}/${tenant}/oauth2/v2.0/token`,
        authorization_endpoint: `${this.url}/${tenant}/oauth2/v2.0/authorize`,
        device_authorization_endpoint: `${this.url}/${tenant}/oauth2/v2.0/devicecode`,
        jwks_uri: `${base}/${tenant}/${path}`,
        response_types_supported: ["code", "id_token"],
        subject_types_supported: ["pairwise"],
        id_token_signing_alg_values_supported: ["RS256"],
        tenant_region_scope: "EU",
        cloud_instance_name: "sandbox.example",
        msgraph_host: new URL(this.graphUrl).host,
      });
    };
    const keys = (version: 1 | 2) => () => {
      this.fetched.keys++;
      const issuer = version === 2 ? this.issuerV2 : this.issuerV1;
      const published = this.#keys.filter((key) => key.published).map((key) => toJwk(key, issuer));
      switch (this.faults.keys) {
        case "error":
          return new Response("Service Unavailable", { status: 503 });
        case "broken":
          return new Response("<html>proxy error</html>", { headers: { "Content-Type": "text/html" } });
        case "empty":
          return Response.json({ keys: [] });
        case "only foreign":
          return Response.json({ keys: [toJwk(this.#foreign, issuer)] });
        case "huge":
          return Response.json({ keys: published, padding: "x".repeat(20 * 1024 * 1024) });
        default:
          return Response.json({ keys: published });
      }
    };
    app.get(`/${tenant}/v2.0/.well-known/openid-configuration`, metadata(2));
    app.get(`/${tenant}/.well-known/openid-configuration`, metadata(1));
    app.get(`/${tenant}/discovery/v2.0/keys`, keys(2));
    app.get(`/${tenant}/discovery/keys`, keys(1));
    app.get(`/${tenant}/oauth2/v2.0/authorize`, (c) => {
      const judged = judgeAuthorize(this.#tenant, this.graphUrl, new URL(c.req.url));
      if (judged.ok) return c.html(authorizePage(this.#tenant, c.req.url));
      return judged.redirect === null ? c.text(judged.text, 400) : c.redirect(judged.redirect);
    });
    app.post(`/${tenant}/oauth2/v2.0/authorize`, async (c) => {
      const form = await c.req.parseBody();
      const person = this.#tenant.people.get(String(form.person));
      if (!person) return c.text("no such person", 400);
      return c.redirect(this.signIn(c.req.url, person, String(form.answer) as AuthorizeAnswer));
    });
    // Who does not know the tenant yet asks for the one of whoever signs in.
    const anyTenant = `/:tenant{${tenant}|organizations}`;
    app.post(`${anyTenant}/oauth2/v2.0/devicecode`, async (c) => {
      const form = await c.req.parseBody();
      if (form.client_id !== GRAPH_CLI_APP_ID && !this.#tenant.byClientId(String(form.client_id)))
        return this.#respond(
          refuse("AADSTS700016", "unauthorized_client", "application not found in the directory"),
        );
      return Response.json(
        this.deviceCodes.issue(String(form.client_id), String(form.scope ?? ""), `${this.url}/devicelogin`),
      );
    });
    app.get("/devicelogin", (c) =>
      c.text("The sandbox's page has a button for the code; specs call POST /sandbox/api/entra/device."),
    );
    app.post(`${anyTenant}/oauth2/v2.0/token`, async (c) => {
      this.fetched.tokens++;
      if (this.faults.tokens === "error") return new Response("Service Unavailable", { status: 503 });
      if (this.faults.tokens === "throttled")
        return this.#respond({
          ...refuse("AADSTS90055", "temporarily_unavailable", "too many requests"),
          status: 429,
        });
      const form = Object.fromEntries(new URLSearchParams(await c.req.text()));
      return this.#respond(this.#token(form));
    });
    app.post("/:other/oauth2/v2.0/token", () =>
      this.#respond(refuse("AADSTS90002", "invalid_request", "tenant not found")),
    );
    // Microsoft answers so for a tenant that does not exist: 400, and no page of a web server.
    for (const version of ["", "/v2.0"]) {
      app.get(`/:other${version}/.well-known/openid-configuration`, () =>
        this.#respond(refuse("AADSTS90002", "invalid_tenant", "tenant not found")),
      );
    }
    return app;
  }

  #respond(grant: Grant): Response {
    const detail =
      grant.status === 200
        ? String(grant.body.scope ?? "token issued")
        : String(grant.body.error_description ?? "");
    return Response.json(grant.body, {
      status: grant.status,
      headers: { "x-sandbox-detail": detail.split("\r")[0] ?? "", "Cache-Control": "no-store" },
    });
  }

  #token(form: Record<string, string>): Grant {
    switch (form.grant_type) {
      case "client_credentials":
        return this.#clientCredentials(form);
      case "authorization_code":
        return this.#code(form);
      case "refresh_token":
        return this.#refresh(form);
      case "urn:ietf:params:oauth:grant-type:jwt-bearer":
        return this.#onBehalfOf(form);
      case "urn:ietf:params:oauth:grant-type:device_code":
        return this.#deviceCode(form);
      default:
        return refuse("AADSTS70003", "unsupported_grant_type", "the grant type is not supported");
    }
  }

  #clientCredentials(form: Record<string, string>): Grant {
    const client = this.#authenticate(form);
    if ("status" in client) return client;
    if (form.scope?.split(" ").includes(`${this.graphUrl}/.default`) !== true)
      return refuse("AADSTS1002012", "invalid_scope", "the scope is not valid for client credentials");
    const lifetime = this.faults.tokenLifetime ?? 3_599 + Math.floor(Math.random() * 1_800);
    const roles = this.#tenant.rolesOf(client.appId);
    const principal = this.#tenant.principalOf(client.appId);
    const token = this.#graphToken(lifetime, {
      appid: client.appId,
      oid: principal?.id,
      sub: principal?.id,
      idtyp: "app",
      roles,
    });
    return {
      status: 200,
      body: { token_type: "Bearer", expires_in: lifetime, ext_expires_in: lifetime, access_token: token },
    };
  }

  #onBehalfOf(form: Record<string, string>): Grant {
    const client = this.#authenticate(form);
    if ("status" in client) return client;
    if (form.requested_token_use !== "on_behalf_of")
      return refuse("AADSTS900144", "invalid_request", "requested_token_use is missing");
    const person = this.#personIn(form.assertion ?? "", client);
    if (!person)
      return refuse(
        "AADSTS500133",
        "invalid_grant",
        "the assertion is not within its valid time range, or not for this client",
      );
    const wanted = (form.scope ?? "").split(" ").filter((each) => each !== "");
    const graphScopes = wanted.map((each) => each.replace(`${this.graphUrl}/`, ""));
    if (this.faults.consent === "interaction needed") {
      const claims = JSON.stringify({ access_token: { capolids: { essential: true, values: ["sandbox"] } } });
      return refuse("AADSTS50076", "interaction_required", "multi-factor authentication is needed", {
        suberror: "basic_action",
        claims,
      });
    }
    const consented = this.#tenant.agreedScopes(client.appId, person.objectId);
    const missing = graphScopes.filter((each) => each !== ".default" && !consented.includes(each));
    if (this.faults.consent === "missing" || missing.length > 0)
      return refuse("AADSTS65001", "invalid_grant", "the user or administrator has not consented", {
        suberror: "consent_required",
      });
    const scopes = graphScopes.includes(".default") ? consented : graphScopes;
    return this.#delegated(client.appId, person, scopes);
  }

  #code(form: Record<string, string>): Grant {
    const client = this.#authenticate(form);
    if ("status" in client) return client;
    const redeemed = this.delegated.redeemCode(form.code ?? "", {
      clientId: client.appId,
      redirectUri: form.redirect_uri ?? "",
      verifier: form.code_verifier,
    });
    if (isRefusal(redeemed)) return refuse(redeemed[0], "invalid_grant", redeemed[1]);
    const person = this.#tenant.people.get(redeemed.personId);
    if (!person) return refuse("AADSTS50034", "invalid_grant", "the account does not exist in the directory");
    return this.#delegated(client.appId, person, [...redeemed.scopes], redeemed.nonce);
  }

  #refresh(form: Record<string, string>): Grant {
    const client = this.#authenticate(form);
    if ("status" in client) return client;
    const redeemed = this.delegated.redeemRefresh(form.refresh_token ?? "", client.appId);
    if (isRefusal(redeemed)) return refuse(redeemed[0], "invalid_grant", redeemed[1]);
    const person = this.#tenant.people.get(redeemed.personId);
    if (!person || person.enabled === false)
      return refuse("AADSTS50057", "invalid_grant", "the user account is disabled");
    if (this.faults.consent === "interaction needed")
      return refuse("AADSTS50076", "interaction_required", "multi-factor authentication is needed", {
        suberror: "basic_action",
      });
    const known = this.#tenant.agreedScopes(client.appId, person.objectId);
    const wanted = graphNames(this.graphUrl, form.scope ?? "");
    if (this.faults.consent === "missing" || wanted.some((each) => !known.includes(each)))
      return refuse("AADSTS65001", "invalid_grant", "the user or administrator has not consented", {
        suberror: "consent_required",
      });
    return this.#delegated(client.appId, person, wanted);
  }

  #deviceCode(form: Record<string, string>): Grant {
    const state = this.deviceCodes.redeem(form.device_code ?? "", form.client_id ?? "");
    if (typeof state === "string") return refuse("AADSTS70016", state, state.replaceAll("_", " "));
    const person = this.#tenant.people.get(state.personId);
    if (!person) return refuse("AADSTS50034", "invalid_grant", "the account does not exist in the directory");
    const scopes = state.scope
      .split(" ")
      .filter((each) => each !== "")
      .map((each) => each.replace(`${this.graphUrl}/`, ""));
    return this.#delegated(form.client_id ?? "", person, scopes);
  }

  #delegated(appid: string, person: Person, scopes: string[], nonce?: string): Grant {
    const lifetime = this.faults.tokenLifetime ?? 4_200;
    const scp = scopes.filter((each) => !["openid", "profile", "offline_access"].includes(each)).join(" ");
    const token = this.#graphToken(lifetime, {
      appid,
      oid: person.objectId,
      sub: person.objectId,
      upn: person.userPrincipalName,
      scp,
    });
    const at = Math.floor(this.now() / 1000);
    const id = {
      ...(nonce !== undefined && { nonce }),
      ...(person.guest && { idp: "https://sts.windows.net/9f9f9f9f-0000-4000-8000-000000000000/" }),
      aud: appid,
      iss: this.issuerV2,
      tid: this.#tenant.id,
      oid: person.objectId,
      sub: person.objectId,
      name: person.displayName,
      preferred_username: person.userPrincipalName,
      ver: "2.0",
      iat: at,
      nbf: at,
      exp: at + lifetime,
    };
    const info = Buffer.from(JSON.stringify({ uid: person.objectId, utid: this.#tenant.id })).toString(
      "base64url",
    );
    return {
      status: 200,
      body: {
        token_type: "Bearer",
        scope: scopes.join(" "),
        expires_in: lifetime,
        ext_expires_in: lifetime,
        access_token: token,
        id_token: signJwt(this.idClaims(id), this.idKey ?? this.#signer),
        client_info: info,
        ...(scopes.includes("offline_access") && {
          refresh_token: this.delegated.issueRefresh(appid, person.objectId, scopes),
        }),
      },
    };
  }

  #graphToken(lifetime: number, claims: object): string {
    const at = Math.floor(this.now() / 1000);
    return signJwt(
      {
        aud: this.graphUrl,
        iss: this.issuerV1,
        tid: this.#tenant.id,
        iat: at,
        nbf: at,
        exp: at + lifetime,
        ver: "1.0",
        uti: randomUUID().slice(0, 22),
        ...claims,
      },
      this.#signer,
    );
  }

  /** Client secret, certificate assertion or federated assertion. */
  #authenticate(form: Record<string, string>): Application | Grant {
    const client = this.#tenant.byClientId(form.client_id ?? "");
    if (!client)
      return refuse("AADSTS700016", "unauthorized_client", "application not found in the directory");
    if (form.client_secret) {
      if (this.#tenant.secrets.get(client.appId)?.has(form.client_secret)) return client;
      return { ...refuse("AADSTS7000215", "invalid_client", "invalid client secret provided"), status: 401 };
    }
    if (form.client_assertion && this.#assertionFits(client, form.client_assertion)) return client;
    return { ...refuse("AADSTS700027", "invalid_client", "the client assertion is not valid"), status: 401 };
  }

  #assertionFits(client: Application, assertion: string): boolean {
    const [header = "", body = "", signature = ""] = assertion.split(".");
    const read = (part: string) =>
      JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
    try {
      const [{ alg }, claims] = [read(header), read(body)];
      if (claims.iss !== client.appId) {
        return client.federatedIdentityCredentials.some(
          (each) =>
            each.issuer === claims.iss &&
            each.subject === claims.sub &&
            each.audiences.includes(String(claims.aud)),
        );
      }
      if (
        Number(claims.exp) * 1000 < Date.now() ||
        !String(claims.aud).startsWith(`${this.url}/${this.#tenant.id}/`)
      )
        return false;
      const data = Buffer.from(`${header}.${body}`);
      return client.keyCredentials.some((each) => {
        const key = createPublicKey(each.key);
        const padding = alg === "PS256" ? { key, padding: 6, saltLength: 32 } : key;
        return verifySignature("sha256", data, padding, Buffer.from(signature, "base64url"));
      });
    } catch {
      return false;
    }
  }

  #personIn(assertion: string, client: Application): Person | null {
    for (const key of this.#keys) {
      try {
        const audience = [client.appId, ...client.identifierUris] as [string, ...string[]];
        const claims = jsonwebtoken.verify(assertion, key.publicKey, { algorithms: ["RS256"], audience });
        return this.#tenant.people.get(String((claims as { oid?: string }).oid)) ?? null;
      } catch {
        // The next key may fit.
      }
    }
    return null;
  }
}

const isRefusal = (answer: object): answer is GrantRefusal => Array.isArray(answer);

function refuse(code: string, error: string, text: string, more: Record<string, unknown> = {}): Grant {
  const trace = crypto.randomUUID();
  return {
    status: 400,
    body: {
      error,
      error_description: `${code}: ${text}\r\nTrace ID: ${trace}`,
      error_codes: [Number(code.replace("AADSTS", ""))],
      timestamp: new Date().toISOString().replace("T", " ").slice(0, 19),
      trace_id: trace,
      correlation_id: crypto.randomUUID(),
      ...more,
    },
  };
}
