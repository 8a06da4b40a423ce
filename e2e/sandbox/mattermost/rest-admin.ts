/** Routes of admins for accounts, sessions and plugins (api4/user.go, api4/plugin.go). */

import type { Context, Hono } from "hono";
import type { User } from "../../../server/runtime/mattermost/index.ts";
import { appError, badRequest, notFound } from "./app-error.ts";
import { roleNames, rolesGrant } from "./permissions.ts";
import type { World } from "./world.ts";

export interface AdminPorts {
  readonly world: World;
  readonly pluginId: string;
  /** Stores the state, and starts or stops the plugin's processes. */
  setPluginEnabled(enabled: boolean): Promise<void>;
}

type Vars = { Variables: { user: User; sessionId: string } };

export function adminRoutes(app: Hono<Vars>, { world, pluginId, setPluginEnabled }: AdminPorts): void {
  const admin = (c: Context<Vars>) => {
    if (!rolesGrant(roleNames(c.get("user").Roles), "manage_system"))
      throw appError("Permissions", "api.context.permissions.app_error", 403);
  };
  const account = (c: Context<Vars>): User => {
    const found = world.users.get(c.req.param("user") ?? "");
    if (found?.Id !== c.get("user").Id) admin(c);
    if (!found) throw notFound("GetUser", "app.user.missing_account.const");
    return found;
  };
  const ok = (c: Context<Vars>) => c.json({ status: "OK" });

  app.post("/users/sessions/revoke/all", (c) => {
    admin(c);
    world.sessions.clear();
    return ok(c);
  });
  app.post("/users/:user/sessions/revoke/all", (c) => {
    const { Id } = account(c);
    for (const session of world.sessions.values())
      if (session.UserId === Id) world.sessions.delete(session.Id);
    return ok(c);
  });
  app.delete("/users/:user", (c) => {
    world.setActive(account(c).Id, false);
    return ok(c);
  });
  app.put("/users/:user/active", async (c) => {
    const { active } = (await c.req.json().catch(() => ({}))) as { active?: unknown };
    if (typeof active !== "boolean")
      throw badRequest("updateUserActive", "api.context.invalid_body_param.app_error");
    if (active) admin(c);
    world.setActive(account(c).Id, active);
    return ok(c);
  });
  for (const [action, enabled] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    app.post(`/plugins/:plugin/${action}`, async (c) => {
      admin(c);
      if (c.req.param("plugin") !== pluginId)
        throw notFound("enablePlugin", "app.plugin.not_installed.app_error");
      await setPluginEnabled(enabled);
      return ok(c);
    });
  }
}
