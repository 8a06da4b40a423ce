/** The fake Entra: metadata, keys, and the token endpoint. It validates requests as strictly as Entra. */

import { Hono } from "hono";
import jsonwebtoken from "jsonwebtoken";
import { GRAPH_APP_ID, GRAPH_CLI_APP_ID, type Person, type Tenant } from "../tenant.ts";
import type { Application } from "../tenant-apps.ts";
import type { Authority } from "../tls/authority.ts";
import { type Place, TlsServer } from "../tls/server.ts";
import type { WireLog } from "../wire-log.ts";
import { type AuthorizeAnswer, authorizePage, judgeAuthorize } from "./authorize.ts";
import { DelegatedGrants } from "./delegated-grants.ts";
import { DeviceCodes } from "./device-codes.ts";
import { type EntraFaults, noFaults } from "./faults.ts";
import { newSigningKey, type SigningKey, toJwk } from "./keys.ts";
import { type Grant, refuse } from "./refusal.ts";
import { type TokenKind, type TokenPorts, tabToken } from "./tab-tokens.ts";
import { TokenEndpoint } from "./token-endpoint.ts";

export type { EntraFaults } from "./faults.ts";

/** Claims of a Graph token, for the Graph stand-in. */
export interface GraphToken {
  readonly appid: string;
  readonly roles: readonly string[];
  readonly scp: readonly string[];
  readonly oid: string | null;
  readonly exp: number;
}

export class Entra {
  readonly faults: EntraFaults = { ...noFaults };
  readonly deviceCodes = new DeviceCodes();
  /** Clock for sign-ins, milliseconds since 1970; specs move it. */
  now: () => number = Date.now;
  readonly delegated = new DelegatedGrants(() => this.now());
  /** For attacks: changes the claims of the next ID tokens. */
  idClaims: (claims: Record<string, unknown>) => Record<string, unknown> = (claims) => claims;
  /** Signs the next ID tokens instead of the tenant's key. */
  idKey: SigningKey | null = null;
  /** How often keys and metadata were fetched, for specs of caching. */
  readonly fetched = { metadata: 0, keys: 0, tokens: 0 };
  readonly #tenant: Tenant;
  readonly #wires: WireLog;
  readonly #server: TlsServer;
  #keys: SigningKey[] = [newSigningKey("tenant")];
  readonly #endpoint: TokenEndpoint;
  readonly #foreign = newSigningKey("another tenant");
  graphUrl = "https://graph.microsoft.com";

  constructor(tenant: Tenant, authority: Authority, wires: WireLog, place?: Place) {
    this.#tenant = tenant;
    this.#wires = wires;
    this.#endpoint = new TokenEndpoint(tenant, this);
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

  /** Uses another host name than the keys, like sts.windows.net. */
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

  /** From now on a new key signs. If `keepOld` is false, tokens signed earlier become invalid. */
  rotateKeys(options: { keepOld?: boolean; publish?: boolean } = {}): void {
    const fresh = newSigningKey(undefined, options.publish ?? true);
    this.#keys = options.keepOld === false ? [fresh] : [...this.#keys, fresh];
  }

  /** The token that a Teams client gives to the tab. */
  tabToken(
    app: Application,
    person: Person,
    options: { kind?: TokenKind; version?: 1 | 2; now?: number } = {},
  ): string {
    const version = options.version ?? (app.api.requestedAccessTokenVersion === 2 ? 2 : 1);
    return tabToken(this.ports(options.now), app, person, { version, kind: options.kind ?? "good" });
  }

  /**
   * Emulates the browser at the authorize address: the person signs in and agrees, or does not. Returns the address
   * to which the browser is redirected. Throws if Entra shows an error page instead.
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
      key: this.signer,
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
        // Tries the next key.
      }
    }
    return null;
  }

  get keys(): readonly SigningKey[] {
    return this.#keys;
  }

  get signer(): SigningKey {
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
    // Before the tenant is known, `organizations` means the tenant of the person who signs in.
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
      return this.#respond(this.#endpoint.answer(form));
    });
    app.post("/:other/oauth2/v2.0/token", () =>
      this.#respond(refuse("AADSTS90002", "invalid_request", "tenant not found")),
    );
    // This is Microsoft's answer for a tenant that does not exist: 400, without a web page.
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
}
