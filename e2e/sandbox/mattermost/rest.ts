/** The part of the REST API v4 that our web client, the console bundle and the specs call. */

import { Hono } from "hono";
import { AppError, type User } from "../../../server/runtime/mattermost/index.ts";
import { appError, badRequest } from "./app-error.ts";
import { interactionRoutes } from "./interactions.ts";
import { roleNames, rolesGrant } from "./permissions.ts";
import { adminRoutes } from "./rest-admin.ts";
import { commandRoutes } from "./rest-commands.ts";
import { configRoutes } from "./rest-config.ts";
import { type RestPorts, restContext, type Vars } from "./rest-context.ts";
import { fromJson, userToJson } from "./rest-json.ts";
import { placeRoutes } from "./rest-places.ts";
import { postRoutes } from "./rest-posts.ts";
import { userRoutes } from "./rest-users.ts";
import { clearedCookies, login, sessionOf } from "./sessions.ts";

export function restRoutes(ports: RestPorts): Hono<Vars> {
  const { world, bundle, node, toPlugin, setPluginEnabled } = ports;
  const app = new Hono<Vars>();
  const context = restContext(world);
  const { body } = context;
  app.onError((error, c) => {
    const known = error instanceof AppError ? error : appError(c.req.path, "api.unknown", 500, error.message);
    const message = known.detailedError || known.id;
    const status = known.statusCode as 400;
    return c.json(
      { id: known.id, message, detailed_error: known.detailedError, status_code: status },
      status,
    );
  });

  app.get("/system/ping", (c) => c.json({ status: "OK" }));
  app.get("/config/client", (c) =>
    c.json({
      SiteURL: world.config.ServiceSettings.SiteURL,
      SiteName: world.config.TeamSettings.SiteName,
      Version: world.serverVersion,
    }),
  );
  /**
   * The sandbox's people may use any password, except for accounts without one (bots, other sign-in services).
   */
  app.post("/users/login", async (c) => {
    const { login_id } = await body(c);
    const id = String(login_id ?? "");
    const user = world.userByUsername(id) ?? world.userByEmail(id);
    if (!user || user.IsBot || user.AuthService !== "")
      throw appError("Login", "api.user.login.invalid_credentials_email_username", 401);
    if (user.DeleteAt > 0) throw appError("Login", "api.user.login.inactive.app_error", 401);
    const { session, cookies } = login(world, user, c.req.raw);
    world.fireOn(node(), "userHasLoggedIn", user);
    const response = c.json(userToJson(user), 200, { Token: session.Token });
    for (const cookie of cookies) response.headers.append("Set-Cookie", cookie);
    return response;
  });

  /**
   * Sign-up, or creation by an admin: the address is unverified until its owner confirms it, which is off by default.
   */
  app.post("/users", async (c) => {
    const given = fromJson(await body(c)) as Partial<User>;
    const session = sessionOf(world, c.req.raw);
    const maker = session && world.users.get(session.UserId);
    const byAdmin = maker !== undefined && rolesGrant(roleNames(maker.Roles), "manage_system");
    if (!byAdmin && world.config.TeamSettings.EnableOpenServer !== true)
      throw appError("createUser", "api.user.create_user.no_open_server", 403);
    const Email = String(given.Email ?? "").toLowerCase();
    const Username = String(given.Username ?? "").toLowerCase();
    if (world.userByEmail(Email)) throw badRequest("CreateUser", "app.user.save.email_exists.app_error");
    if (world.userByUsername(Username))
      throw badRequest("CreateUser", "app.user.save.username_exists.app_error");
    // An admin may mark the address as verified; a stranger may not (User.SanitizeInput).
    const EmailVerified = byAdmin && given.EmailVerified === true;
    // The first account of a server is its admin.
    const Roles = world.users.size === 0 ? "system_admin system_user" : "system_user";
    const user = world.addUser({ Username, Email, EmailVerified, Roles });
    world.fireOn(node(), "userHasBeenCreated", user);
    return c.json(userToJson(user), 201);
  });

  app.use(async (c, next) => {
    const session = sessionOf(world, c.req.raw);
    const user = session && world.users.get(session.UserId);
    if (!session || !user) throw appError("ServeHTTP", "api.context.session_expired.app_error", 401);
    c.set("user", user);
    c.set("sessionId", session.Id);
    return next();
  });

  app.post("/users/logout", (c) => {
    world.sessions.delete(c.get("sessionId"));
    const response = c.json({ status: "OK" });
    for (const cookie of clearedCookies(world)) response.headers.append("Set-Cookie", cookie);
    return response;
  });
  userRoutes(app, ports, context);
  placeRoutes(app, ports, context);
  postRoutes(app, ports, context);
  interactionRoutes(app, { world, node, toPlugin });
  adminRoutes(app, { world, pluginId: bundle.id, setPluginEnabled });

  commandRoutes(app, ports, context);
  configRoutes(app, ports, context);
  return app;
}
