/** The facts from the host's context that the shell keeps: ids leave this file only as hashes. */

import type { HostContext } from "./host.ts";
import type { PageConfig } from "./page-config.ts";
import { base64url } from "./popup.ts";
import type { HostFacts } from "./state.ts";

export async function hostFacts(
  { tenantId, userId }: Pick<HostContext, "tenantId" | "userId">,
  { tenantHash }: Pick<PageConfig, "tenantHash">,
): Promise<HostFacts> {
  return {
    personKey: await digest(`${tenantId}/${userId}`),
    otherOrganisation:
      tenantId !== "" && tenantHash !== "" && (await digest(tenantId.toLowerCase())) !== tenantHash,
  };
}

async function digest(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}
