/** The app's own standing with Entra, by msal-node: one client per credential, the next one when one is refused. */

import type { ConfidentialClientApplication, NodeAuthOptions } from "@azure/msal-node";
import type { Config, Credential } from "../../platform/settings/index.ts";
import type { Fetch } from "../network/index.ts";
import { msalNetwork } from "./msal-network.ts";

/**
 * Runs `ask` with the best credential. Where Entra refuses the credential itself (`invalid_client`: expired,
 * deleted, unknown), the next one is tried: that is what makes a rotation without an interruption. `null` when the
 * registration is incomplete or no credential is set.
 */
export async function withCredential<T>(
  config: Config,
  fetch: Fetch,
  ask: (client: ConfidentialClientApplication) => Promise<T>,
): Promise<T | null> {
  const { registration, credentials, cloud } = config;
  if (!registration) return null;
  // Loaded when first used: it would cost every start of the plugin 30 ms.
  const { ConfidentialClientApplication, LogLevel } = await import("@azure/msal-node");
  for (const [index, credential] of credentials.entries()) {
    const client = new ConfidentialClientApplication({
      auth: {
        clientId: registration.clientId,
        authority: `${cloud.loginUrl}/${registration.tenantId}`,
        // Always: without it msal asks Microsoft's public cloud for permission first, from every national cloud
        // and from air-gapped networks too (microsoft.md 14).
        knownAuthorities: [new URL(cloud.loginUrl).host],
        ...proofOf(credential),
      },
      system: {
        networkClient: msalNetwork(fetch),
        loggerOptions: { logLevel: LogLevel.Error, piiLoggingEnabled: false, loggerCallback: () => {} },
      },
    });
    try {
      return await ask(client);
    } catch (error) {
      if (index === credentials.length - 1 || !refusesCredential(error)) throw error;
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
      // Read each time: the platform replaces the file every hour or so.
      return { clientAssertion: async () => (await Bun.file(credential.tokenFile).text()).trim() };
  }
}

/** OAuth 2.0 `invalid_client`; a federated token that cannot be read is as good as refused. */
function refusesCredential(error: unknown): boolean {
  const { errorCode, code } = error as { errorCode?: unknown; code?: unknown };
  return errorCode === "invalid_client" || code === "ENOENT";
}
