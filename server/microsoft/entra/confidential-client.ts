/**
 * Authenticates the app at Entra through msal-node: one client per credential; the next one is used when one is
 * refused.
 */

import type { ConfidentialClientApplication, NodeAuthOptions } from "@azure/msal-node";
import { ProductError } from "../../platform/errors.ts";
import type { Config, Credential } from "../config/index.ts";
import { causeOf, causeWords, type Fetch } from "../network/index.ts";
import { type Asked, msalNetwork } from "./msal-network.ts";
import { numberOf, refusalOf } from "./refusals.ts";

/**
 * Runs `ask` with the preferred credential. When Entra refuses the credential itself (`invalid_client`: expired,
 * deleted, unknown), or nothing can be signed with it, the next one is tried, which allows a rotation without
 * interruption. Returns `null` when the registration is incomplete or no credential is set. Throws ProductError with
 * a code of refusals.ts and Entra's number, or `microsoft_unreachable` with the cause.
 */
export async function withCredential<T>(
  config: Config,
  fetch: Fetch,
  ask: (client: ConfidentialClientApplication) => Promise<T>,
): Promise<T | null> {
  const { registration, credentials, cloud } = config;
  if (!registration) return null;
  // Loaded on first use: it would cost every start of the plugin 30 ms.
  const { ConfidentialClientApplication, LogLevel } = await import("@azure/msal-node");
  for (const [index, credential] of credentials.entries()) {
    const asked: Asked = { posted: false, failure: null, refusal: null };
    const client = new ConfidentialClientApplication({
      auth: {
        clientId: registration.clientId,
        authority: `${cloud.loginUrl}/${registration.tenantId}`,
        // Always set: otherwise msal first asks Microsoft's public cloud for permission, even from national clouds
        // and air-gapped networks (docs/facts/microsoft.md 14).
        knownAuthorities: [new URL(cloud.loginUrl).host],
        ...proofOf(credential),
      },
      system: {
        networkClient: msalNetwork(fetch, asked),
        loggerOptions: { logLevel: LogLevel.Error, piiLoggingEnabled: false, loggerCallback: () => {} },
      },
    });
    try {
      return await ask(client);
    } catch (error) {
      const last = index === credentials.length - 1;
      if (last || !refusesCredential(error, asked))
        throw productError(error, asked, new URL(cloud.loginUrl).host);
    }
  }
  return null;
}

function proofOf(credential: Credential): Partial<NodeAuthOptions> {
  switch (credential.kind) {
    case "secret":
      return { clientSecret: credential.secret.reveal() };
    case "certificate":
      return {
        clientCertificate: {
          thumbprintSha256: credential.thumbprintSha256,
          privateKey: credential.privateKey.reveal(),
          x5c: credential.chain,
        },
      };
    case "federated":
      // Read each time, because the platform replaces the file about every hour.
      return { clientAssertion: async () => (await Bun.file(credential.tokenFile).text()).trim() };
  }
}

/** True for OAuth 2.0 `invalid_client`, and for a local failure before the request: a bad key, a missing file. */
function refusesCredential(error: unknown, asked: Asked): boolean {
  if ((error as { errorCode?: unknown }).errorCode === "invalid_client") return true;
  return !asked.posted && asked.failure === null && asked.refusal === null;
}

function productError(error: unknown, asked: Asked, host: string): ProductError {
  if (error instanceof ProductError) return error;
  const number = numberOf(error) ?? asked.refusal;
  if (number !== null) return new ProductError(refusalOf(number).code, number, { cause: error });
  if (asked.failure !== null) {
    const detail = `${host}: ${causeWords(causeOf(asked.failure))}`;
    return new ProductError("microsoft_unreachable", detail, { cause: asked.failure });
  }
  const { errorCode } = error as { errorCode?: unknown };
  // The answer is not Entra's: it comes from a proxy, or from another server at this address.
  if (asked.posted || errorCode === "endpoints_resolution_error" || errorCode === "openid_config_error") {
    const code = typeof errorCode === "string" ? errorCode : "another answer than Entra's";
    return new ProductError("microsoft_unreachable", `${host}: ${code}`, { cause: error });
  }
  return new ProductError("credential_unusable", "", { cause: error });
}
