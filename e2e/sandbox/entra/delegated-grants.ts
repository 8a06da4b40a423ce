/**
 * Authorization codes and refresh tokens of the fake Entra: who may redeem them, how often, and until when.
 */

import { createHash, randomBytes } from "node:crypto";

/** Entra's codes live ten minutes, its refresh tokens 90 days. */
const CODE_LIFETIME_MS = 600_000;
const REFRESH_LIFETIME_MS = 90 * 86_400_000;

export interface CodeRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state: string;
  readonly nonce: string;
  /** null: the request came without PKCE. */
  readonly challenge: string | null;
}

interface Code extends CodeRequest {
  readonly personId: string;
  readonly issuedAt: number;
  used: boolean;
}

interface Refresh {
  readonly clientId: string;
  readonly personId: string;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  revoked: string | null;
}

export interface Redeemed {
  readonly personId: string;
  readonly scopes: readonly string[];
  readonly nonce: string;
}

/** An AADSTS number with Entra's text. */
export type GrantRefusal = readonly [code: string, text: string];

export class DelegatedGrants {
  readonly #codes = new Map<string, Code>();
  readonly #refresh = new Map<string, Refresh>();
  /** Entra keeps old refresh tokens valid after a rotation; an identity provider may be stricter. */
  oneUseRefreshTokens = false;
  /** Every secret that was ever issued, for specs that look for leaks. */
  readonly issued: string[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  issueCode(request: CodeRequest, personId: string): string {
    const code = `1.AX0A${randomBytes(60).toString("base64url")}`;
    this.#codes.set(code, { ...request, personId, issuedAt: this.#now(), used: false });
    this.issued.push(code);
    return code;
  }

  redeemCode(
    text: string,
    by: { clientId: string; redirectUri: string; verifier: string | undefined },
  ): Redeemed | GrantRefusal {
    const code = this.#codes.get(text);
    if (!code || code.clientId !== by.clientId)
      return ["AADSTS9002313", "Invalid request. The code is malformed or of another client."];
    if (code.used) return ["AADSTS54005", "OAuth2 Authorization code was already redeemed."];
    code.used = true;
    if (this.#now() - code.issuedAt > CODE_LIFETIME_MS)
      return ["AADSTS70008", "The provided authorization code has expired."];
    if (code.redirectUri !== by.redirectUri)
      return ["AADSTS500112", "The reply address does not match the one of the authorization code."];
    const challenge = createHash("sha256")
      .update(by.verifier ?? "")
      .digest("base64url");
    if (code.challenge !== null && (by.verifier === undefined || challenge !== code.challenge))
      return [
        "AADSTS501481",
        "The Code_Verifier does not match the code_challenge of the authorization request.",
      ];
    if (code.challenge === null && by.verifier !== undefined)
      return ["AADSTS501481", "A Code_Verifier without a code_challenge."];
    return { personId: code.personId, scopes: code.scopes, nonce: code.nonce };
  }

  issueRefresh(clientId: string, personId: string, scopes: readonly string[]): string {
    const token = `1.AX0B${randomBytes(90).toString("base64url")}`;
    this.#refresh.set(token, { clientId, personId, scopes, issuedAt: this.#now(), revoked: null });
    this.issued.push(token);
    return token;
  }

  redeemRefresh(text: string, clientId: string): Omit<Redeemed, "nonce"> | GrantRefusal {
    const token = this.#refresh.get(text);
    if (!token || token.clientId !== clientId)
      return ["AADSTS9002313", "Invalid request. The refresh token is malformed or of another client."];
    if (token.revoked !== null) return [token.revoked, "The refresh token was revoked."];
    if (this.#now() - token.issuedAt > REFRESH_LIFETIME_MS)
      return ["AADSTS700082", "The refresh token has expired due to inactivity."];
    if (this.oneUseRefreshTokens) token.revoked = "AADSTS70000";
    return { personId: token.personId, scopes: token.scopes };
  }

  /** A changed password, or an admin's "revoke sessions". */
  revoke(personId: string, code = "AADSTS50173"): void {
    for (const token of this.#refresh.values()) if (token.personId === personId) token.revoked = code;
  }
}
