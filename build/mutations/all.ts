/**
 * All checks that `npm run mutate` removes, by the word that selects them. A run fails if a text is no longer found
 * or a case no longer exists, so the list stays up to date.
 */

import { accountMutations } from "./accounts.ts";
import { cardMutations } from "./card-actions.ts";
import { changeNotificationMutations } from "./change-notifications.ts";
import { codeFlowMutations } from "./code-flow.ts";
import { connectionMutations } from "./connections.ts";
import { conversionMutations } from "./conversions.ts";
import { linkAndSessionMutations } from "./links-and-sessions.ts";
import type { Mutation } from "./mutation.ts";
import { permissionMutations, requestMutations } from "./permissions.ts";
import { roomMutations } from "./rooms.ts";
import { signInRequestMutations } from "./sign-in-requests.ts";
import { tabTokenMutations } from "./tab-token.ts";
import { tenantKeysMutations } from "./tenant-keys.ts";

export const mutations: Readonly<Record<string, readonly Mutation[]>> = {
  verification: [...tabTokenMutations, ...tenantKeysMutations, ...roomMutations.verification],
  "sign-in": [...signInRequestMutations, ...accountMutations, ...linkAndSessionMutations],
  "code flow": [...codeFlowMutations, ...roomMutations["code flow"], ...connectionMutations],
  webhook: [...changeNotificationMutations, ...roomMutations.webhook],
  "card actions": cardMutations,
  conversions: conversionMutations,
  router: [...roomMutations.router, ...permissionMutations],
  "requests to Microsoft": requestMutations,
};
