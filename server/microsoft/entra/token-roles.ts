/** Reads, without verifying, the application permissions in a token that Entra issued to this plugin. */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";

const shape = lazy(() => z.object({ roles: z.array(z.string()).default([]) }));

export function rolesOf(token: string): string[] {
  try {
    return shape().parse(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())).roles;
  } catch {
    return [];
  }
}
