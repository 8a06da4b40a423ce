/** Sessions, as plugins create and end them. */

import type { Api } from "../../../../server/runtime/mattermost/index.ts";
import * as model from "../../../../server/runtime/mattermost/wire/model.gen.ts";
import { badRequest } from "../app-error.ts";
import type { Caller } from "../caller.ts";
import { complete } from "../zero.ts";

export type SessionsApi = Pick<Api, "createSession" | "getSession" | "extendSessionExpiry" | "revokeSession">;

export function sessionsApi({ world }: Caller): SessionsApi {
  return {
    // The plugin API checks neither whether the account exists nor whether it is active: plugins must.
    createSession: async (part) => structuredClone(world.addSession(complete(model.Session, part))),
    async getSession(sessionId) {
      const session = world.sessions.get(sessionId);
      if (!session) throw badRequest("GetSessionById", "app.session.get.app_error");
      return structuredClone(session);
    },
    async extendSessionExpiry(sessionId, newExpiry) {
      const session = world.sessions.get(sessionId);
      if (!session) throw badRequest("extendSessionExpiry", "app.session.get.app_error");
      session.ExpiresAt = newExpiry;
    },
    async revokeSession(sessionId) {
      if (!world.sessions.delete(sessionId))
        throw badRequest("RevokeSessionById", "app.session.get.app_error");
    },
  };
}
