/** The token endpoint: one method for each grant type. */

import { randomUUID } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import type { Person, Tenant } from "../tenant.ts";
import type { Application } from "../tenant-apps.ts";
import { graphNames } from "./authorize.ts";
import { authenticate } from "./client-authentication.ts";
import type { DelegatedGrants, GrantRefusal } from "./delegated-grants.ts";
import type { DeviceCodes } from "./device-codes.ts";
import type { EntraFaults } from "./faults.ts";
import { type SigningKey, signJwt } from "./keys.ts";
import { type Grant, refuse } from "./refusal.ts";

/** The parts of the fake Entra that the endpoint reads. */
export interface TokenIssuer {
  readonly url: string;
  readonly graphUrl: string;
  readonly issuerV1: string;
  readonly issuerV2: string;
  readonly faults: EntraFaults;
  readonly delegated: DelegatedGrants;
  readonly deviceCodes: DeviceCodes;
  readonly keys: readonly SigningKey[];
  readonly signer: SigningKey;
  readonly idKey: SigningKey | null;
  now(): number;
  idClaims(claims: Record<string, unknown>): Record<string, unknown>;
}

export class TokenEndpoint {
  readonly #tenant: Tenant;
  readonly #entra: TokenIssuer;

  constructor(tenant: Tenant, entra: TokenIssuer) {
    this.#tenant = tenant;
    this.#entra = entra;
  }

  answer(form: Record<string, string>): Grant {
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
    const client = authenticate(form, this.#tenant, this.#entra.url);
    if ("status" in client) return client;
    if (form.scope?.split(" ").includes(`${this.#entra.graphUrl}/.default`) !== true)
      return refuse("AADSTS1002012", "invalid_scope", "the scope is not valid for client credentials");
    const lifetime = this.#entra.faults.tokenLifetime ?? 3_599 + Math.floor(Math.random() * 1_800);
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
    const client = authenticate(form, this.#tenant, this.#entra.url);
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
    const graphScopes = wanted.map((each) => each.replace(`${this.#entra.graphUrl}/`, ""));
    if (this.#entra.faults.consent === "interaction needed") {
      const claims = JSON.stringify({ access_token: { capolids: { essential: true, values: ["sandbox"] } } });
      return refuse("AADSTS50076", "interaction_required", "multi-factor authentication is needed", {
        suberror: "basic_action",
        claims,
      });
    }
    const consented = this.#tenant.agreedScopes(client.appId, person.objectId);
    const missing = graphScopes.filter((each) => each !== ".default" && !consented.includes(each));
    if (this.#entra.faults.consent === "missing" || missing.length > 0)
      return refuse("AADSTS65001", "invalid_grant", "the user or administrator has not consented", {
        suberror: "consent_required",
      });
    const scopes = graphScopes.includes(".default") ? consented : graphScopes;
    return this.#delegated(client.appId, person, scopes);
  }

  #code(form: Record<string, string>): Grant {
    const client = authenticate(form, this.#tenant, this.#entra.url);
    if ("status" in client) return client;
    const redeemed = this.#entra.delegated.redeemCode(form.code ?? "", {
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
    const client = authenticate(form, this.#tenant, this.#entra.url);
    if ("status" in client) return client;
    const redeemed = this.#entra.delegated.redeemRefresh(form.refresh_token ?? "", client.appId);
    if (isRefusal(redeemed)) return refuse(redeemed[0], "invalid_grant", redeemed[1]);
    const person = this.#tenant.people.get(redeemed.personId);
    if (!person || person.enabled === false)
      return refuse("AADSTS50057", "invalid_grant", "the user account is disabled");
    if (this.#entra.faults.consent === "interaction needed")
      return refuse("AADSTS50076", "interaction_required", "multi-factor authentication is needed", {
        suberror: "basic_action",
      });
    const known = this.#tenant.agreedScopes(client.appId, person.objectId);
    const wanted = graphNames(this.#entra.graphUrl, form.scope ?? "");
    if (this.#entra.faults.consent === "missing" || wanted.some((each) => !known.includes(each)))
      return refuse("AADSTS65001", "invalid_grant", "the user or administrator has not consented", {
        suberror: "consent_required",
      });
    return this.#delegated(client.appId, person, wanted);
  }

  #deviceCode(form: Record<string, string>): Grant {
    const state = this.#entra.deviceCodes.redeem(form.device_code ?? "", form.client_id ?? "");
    if (typeof state === "string") return refuse("AADSTS70016", state, state.replaceAll("_", " "));
    const person = this.#tenant.people.get(state.personId);
    if (!person) return refuse("AADSTS50034", "invalid_grant", "the account does not exist in the directory");
    const scopes = state.scope
      .split(" ")
      .filter((each) => each !== "")
      .map((each) => each.replace(`${this.#entra.graphUrl}/`, ""));
    return this.#delegated(form.client_id ?? "", person, scopes);
  }

  #delegated(appid: string, person: Person, scopes: string[], nonce?: string): Grant {
    const { delegatedTokenLifetime, tokenLifetime } = this.#entra.faults;
    const lifetime = delegatedTokenLifetime ?? tokenLifetime ?? 4_200;
    const scp = scopes.filter((each) => !["openid", "profile", "offline_access"].includes(each)).join(" ");
    const token = this.#graphToken(lifetime, {
      appid,
      oid: person.objectId,
      sub: person.objectId,
      upn: person.userPrincipalName,
      scp,
    });
    const at = Math.floor(this.#entra.now() / 1000);
    const id = {
      ...(nonce !== undefined && { nonce }),
      ...(person.guest && { idp: "https://sts.windows.net/9f9f9f9f-0000-4000-8000-000000000000/" }),
      aud: appid,
      iss: this.#entra.issuerV2,
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
        id_token: signJwt(this.#entra.idClaims(id), this.#entra.idKey ?? this.#entra.signer),
        client_info: info,
        ...(scopes.includes("offline_access") && {
          refresh_token: this.#entra.delegated.issueRefresh(appid, person.objectId, scopes),
        }),
      },
    };
  }

  #graphToken(lifetime: number, claims: object): string {
    const at = Math.floor(this.#entra.now() / 1000);
    return signJwt(
      {
        aud: this.#entra.graphUrl,
        iss: this.#entra.issuerV1,
        tid: this.#tenant.id,
        iat: at,
        nbf: at,
        exp: at + lifetime,
        ver: "1.0",
        uti: randomUUID().slice(0, 22),
        ...claims,
      },
      this.#entra.signer,
    );
  }

  #personIn(assertion: string, client: Application): Person | null {
    for (const key of this.#entra.keys) {
      try {
        const audience = [client.appId, ...client.identifierUris] as [string, ...string[]];
        const claims = jsonwebtoken.verify(assertion, key.publicKey, { algorithms: ["RS256"], audience });
        return this.#tenant.people.get(String((claims as { oid?: string }).oid)) ?? null;
      } catch {
        // Tries the next key.
      }
    }
    return null;
  }
}

const isRefusal = (answer: object): answer is GrantRefusal => Array.isArray(answer);
