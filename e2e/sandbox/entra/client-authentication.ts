/**
 * Authenticates a client at the token endpoint: by secret, certificate assertion or federated assertion.
 */

import { createPublicKey, verify as verifySignature } from "node:crypto";
import type { Tenant } from "../tenant.ts";
import type { Application } from "../tenant-apps.ts";
import { type Grant, refuse } from "./refusal.ts";

export function authenticate(
  form: Record<string, string>,
  tenant: Tenant,
  loginUrl: string,
): Application | Grant {
  const client = tenant.byClientId(form.client_id ?? "");
  if (!client) return refuse("AADSTS700016", "unauthorized_client", "application not found in the directory");
  if (form.client_secret) {
    if (tenant.secrets.get(client.appId)?.has(form.client_secret)) return client;
    return { ...refuse("AADSTS7000215", "invalid_client", "invalid client secret provided"), status: 401 };
  }
  if (form.client_assertion && assertionFits(client, form.client_assertion, `${loginUrl}/${tenant.id}/`))
    return client;
  return { ...refuse("AADSTS700027", "invalid_client", "the client assertion is not valid"), status: 401 };
}

function assertionFits(client: Application, assertion: string, audience: string): boolean {
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
    if (Number(claims.exp) * 1000 < Date.now() || !String(claims.aud).startsWith(audience)) return false;
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
