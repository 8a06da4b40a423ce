/**
 * The part of the REST API v4 that our web client, the console bundle and the specs call, as one list of short
 * routes.
 */

import { type Context, Hono } from "hono";
import { AppError, type Channel, type Post, type User } from "../../../server/runtime/mattermost/index.ts";
import * as model from "../../../server/runtime/mattermost/wire/model.gen.ts";
import { appError, badRequest, notFound } from "./app-error.ts";
import { FAKE_SETTING, type ServerConfig, sanitized } from "./config.ts";
import { postToJson } from "./files.ts";
import { interactionRoutes, newTrigger } from "./interactions.ts";
import { roleNames, rolesGrant } from "./permissions.ts";
import type { PluginBundle } from "./plugin-bundle.ts";
import { publish } from "./publish.ts";
import { push } from "./push.ts";
import { adminRoutes } from "./rest-admin.ts";
import { fromJson, toJson, userToJson } from "./rest-json.ts";
import { clearedCookies, login, sessionOf } from "./sessions.ts";
import { hookContext, type World } from "./world.ts";
import { complete, ephemeralPost } from "./zero.ts";

export interface RestPorts {
  readonly world: World;
  readonly bundle: PluginBundle;
  /** The cluster node that answers this request. */
  node(): string;
  /** A request of the server itself to the plugin, with a session's user. */
  toPlugin(path: string, body: object, sessionId: string): Promise<Response>;
  setPluginEnabled(enabled: boolean): Promise<void>;
}

type Vars = { Variables: { user: User; sessionId: string } };
type Body = Record<string, unknown>;

export function restRoutes({ world, bundle, node, toPlugin, setPluginEnabled }: RestPorts): Hono<Vars> {
  const app = new Hono<Vars>();
  const body = async (c: Context): Promise<Body> => {
    const json: unknown = await c.req.json().catch(() => null);
    if (typeof json !== "object" || json === null)
      throw badRequest("decodeJSON", "api.context.invalid_body_param.app_error");
    return json as Body;
  };
  const person = (c: Context<Vars>, id = c.req.param("user") ?? "me"): User => {
    const found = id === "me" ? c.get("user") : world.users.get(id);
    if (!found) throw notFound("GetUser", "app.user.missing_account.const");
    return found;
  };
  /** The account of the path: the caller's own, or anybody's for a system admin. */
  const ownOrAnyones = (c: Context<Vars>): User => {
    const found = person(c);
    if (found.Id !== c.get("user").Id) admin(c.get("user"));
    return found;
  };
  const postJson = (post: Post) => postToJson(world, post);
  const channelFor = (user: User, channel: Channel) => {
    const member = world.channelMember(channel.Id, user.Id);
    const others = world.channelMembers(channel.Id).filter((each) => each.UserId !== user.Id);
    const names = others.map((each) => shownName(world.users.get(each.UserId))).join(", ");
    return {
      ...toJson(channel),
      display_name:
        channel.Type === "D" || channel.Type === "G" ? names || shownName(user) : channel.DisplayName,
      unread: Math.max(0, channel.TotalMsgCount - (member?.MsgCount ?? 0)),
      mentions: member?.MentionCount ?? 0,
    };
  };
  const readable = (user: User, channelId: string): Channel => {
    const channel = world.channels.get(channelId);
    if (!channel || !world.mayInChannel(user.Id, channelId, "read_channel_content"))
      throw appError("Permissions", "api.context.permissions.app_error", 403);
    return channel;
  };
  /** Readers of the System Console: system admins, and the roles to which an admin delegates it. */
  const mayReadConsole = (user: User) => {
    const roles = roleNames(user.Roles);
    if (!rolesGrant(roles, "manage_system") && !rolesGrant(roles, "sysconsole_read_plugins"))
      throw appError("Permissions", "api.context.permissions.app_error", 403);
  };
  const admin = (user: User) => {
    if (!rolesGrant(roleNames(user.Roles), "manage_system"))
      throw appError("Permissions", "api.context.permissions.app_error", 403);
  };

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
  app.get("/users", (c) =>
    c.json([...world.users.values()].filter((each) => each.DeleteAt === 0).map(userToJson)),
  );
  app.post("/users/ids", async (c) => {
    const ids = (await c.req.json()) as string[];
    return c.json(ids.flatMap((id) => world.users.get(id) ?? []).map(userToJson));
  });
  app.get("/users/:user", (c) => c.json(userToJson(person(c))));
  app.get("/users/username/:name", (c) => {
    const user = world.userByUsername(c.req.param("name"));
    if (!user) throw notFound("GetUserByUsername", "app.user.get_by_username.app_error");
    return c.json(userToJson(user));
  });
  app.post("/users/:user/email/verify/member", (c) => {
    admin(c.get("user"));
    world.putUser({ ...person(c), EmailVerified: true });
    return c.json(userToJson(person(c)));
  });
  app.get("/users/:user/teams", (c) =>
    c.json(
      world
        .teamMembersOfUser(person(c).Id)
        .flatMap((member) => world.teams.get(member.TeamId) ?? [])
        .map(toJson),
    ),
  );
  app.get("/users/:user/channels", (c) => {
    const user = person(c);
    return c.json(
      world
        .channelsOf(user.Id)
        .filter((each) => each.DeleteAt === 0)
        .map((each) => channelFor(user, each)),
    );
  });
  app.get("/users/:user/sessions", (c) => {
    const { Id } = ownOrAnyones(c);
    const sessions = [...world.sessions.values()].filter(({ UserId }) => UserId === Id);
    // Session.Sanitize: the list never contains a token.
    return c.json(sessions.map((session) => toJson({ ...session, Token: "" })));
  });
  app.post("/users/:user/sessions/revoke", async (c) => {
    const { Id } = ownOrAnyones(c);
    const { session_id } = await body(c);
    const session = world.sessions.get(String(session_id));
    if (session?.UserId !== Id) throw badRequest("revokeSession", "api.context.invalid_url_param.app_error");
    world.sessions.delete(session.Id);
    return c.json({ status: "OK" });
  });
  app.put("/users/:user/status", async (c) => {
    const { status } = await body(c);
    return c.json(toJson(world.setStatus(person(c).Id, String(status), { Manual: true })));
  });
  app.post("/users/status/ids", async (c) => {
    const ids = (await c.req.json()) as string[];
    return c.json(ids.map((id) => ({ user_id: id, status: world.statuses.get(id)?.Status ?? "offline" })));
  });
  app.get("/users/:user/preferences", (c) =>
    c.json([...world.preferences(person(c).Id).values()].map(toJson)),
  );
  app.put("/users/:user/preferences", async (c) => {
    const user = person(c);
    const preferences = ((await c.req.json()) as Body[]).map((each) => ({
      ...fromJson(each),
      UserId: user.Id,
    }));
    for (const each of preferences as { Category?: string; Name?: string; Value?: string }[])
      world.setPreference(user.Id, each.Category ?? "", each.Name ?? "", each.Value ?? "");
    world.fireOn(node(), "preferencesHaveChanged", preferences);
    world.tell({ event: "preferences_changed", data: {}, to: { userId: user.Id } });
    return c.json({ status: "OK" });
  });
  app.put("/users/:user/patch", async (c) => {
    const user = person(c);
    const patch = await body(c);
    const NotifyProps = {
      ...user.NotifyProps,
      ...(patch.notify_props as Record<string, string> | undefined),
    };
    world.putUser({ ...user, NotifyProps, UpdateAt: world.now() });
    return c.json(userToJson(person(c)));
  });

  app.put("/users/:user/teams/:team/threads/:thread/following", (c) => {
    world.setFollows(c.req.param("thread"), person(c).Id, true);
    return c.json({ status: "OK" });
  });
  app.delete("/users/:user/teams/:team/threads/:thread/following", (c) => {
    world.setFollows(c.req.param("thread"), person(c).Id, false);
    return c.json({ status: "OK" });
  });

  app.get("/teams/name/:name", (c) => {
    const team = [...world.teams.values()].find((each) => each.Name === c.req.param("name"));
    if (!team) throw notFound("GetTeamByName", "app.team.get_by_name.missing.app_error");
    return c.json(toJson(team));
  });
  app.post("/teams", async (c) => {
    const { name, display_name } = await body(c);
    const team = world.addTeam({ Name: String(name), DisplayName: String(display_name) });
    world.joinTeam(c.get("user").Id, team.Id);
    return c.json(toJson(team), 201);
  });
  app.post("/teams/:team/members", async (c) => {
    admin(c.get("user"));
    const { user_id } = await body(c);
    return c.json(toJson(world.joinTeam(String(user_id), c.req.param("team"))), 201);
  });
  app.post("/channels/direct", async (c) => {
    const [one = "", two = ""] = (await c.req.json()) as string[];
    return c.json(channelFor(c.get("user"), world.directChannel(one, two)));
  });
  app.get("/channels/:channel", (c) =>
    c.json(channelFor(c.get("user"), readable(c.get("user"), c.req.param("channel")))),
  );
  app.get("/channels/:channel/members", (c) => {
    readable(c.get("user"), c.req.param("channel"));
    return c.json(world.channelMembers(c.req.param("channel")).map(toJson));
  });
  app.get("/channels/:channel/posts", (c) => {
    readable(c.get("user"), c.req.param("channel"));
    return c.json(world.postsIn(c.req.param("channel")).slice(-200).map(postJson));
  });
  app.post("/channels/members/:user/view", async (c) => {
    const user = person(c);
    const id = String((await body(c)).channel_id ?? "");
    const [channel, member] = [world.channels.get(id), world.channelMember(id, user.Id)];
    if (channel && member) {
      world.putChannelMember({
        ...member,
        LastViewedAt: world.now(),
        MsgCount: channel.TotalMsgCount,
        MentionCount: 0,
      });
      const status = world.statuses.get(user.Id);
      if (status) status.ActiveChannel = id;
      // A silent push clears the badge of the phone. Plugins get a hook for it, as for any other push.
      if (member.MentionCount > 0 && world.config.EmailSettings.SendPushNotifications === true) {
        const clear = complete(model.PushNotification, { Type: "clear", Version: "v2", ChannelId: id });
        world.track(push(world, node(), user.Id, clear));
      }
    }
    return c.json({ status: "OK" });
  });

  app.post("/posts", async (c) => {
    const user = c.get("user");
    const wanted = fromJson(await body(c)) as Partial<Post>;
    const channelId = String(wanted.ChannelId ?? "");
    if (!world.mayInChannel(user.Id, channelId, "create_post"))
      throw appError("Permissions", "api.context.permissions.app_error", 403);
    const post = await publish(
      world,
      {
        ChannelId: channelId,
        Message: wanted.Message ?? "",
        RootId: wanted.RootId ?? "",
        FileIds: wanted.FileIds ?? [],
        UserId: user.Id,
      },
      { node: node(), sessionId: c.get("sessionId") },
    );
    return c.json(postJson(post), 201);
  });
  app.get("/posts/:post", (c) => {
    const post = world.posts.get(c.req.param("post"));
    if (!post || post.DeleteAt > 0) throw notFound("GetPost", "app.post.get.app_error");
    readable(c.get("user"), post.ChannelId);
    return c.json(postJson(post));
  });
  app.get("/posts/:post/thread", (c) => {
    const post = world.posts.get(c.req.param("post"));
    if (!post || post.DeleteAt > 0) throw notFound("GetPost", "app.post.get.app_error");
    readable(c.get("user"), post.ChannelId);
    const rootId = post.RootId || post.Id;
    const posts = world
      .postsIn(post.ChannelId)
      .filter(({ Id, RootId }) => Id === rootId || RootId === rootId);
    return c.json({
      order: posts.map(({ Id }) => Id).reverse(),
      posts: Object.fromEntries(posts.map((one) => [one.Id, postJson(one)])),
    });
  });
  app.put("/posts/:post/patch", async (c) => {
    const post = world.posts.get(c.req.param("post"));
    if (!post || post.UserId !== c.get("user").Id)
      throw appError("Permissions", "api.context.permissions.app_error", 403);
    const edited = {
      ...post,
      Message: String((await body(c)).message ?? ""),
      EditAt: world.now(),
      UpdateAt: world.now(),
    };
    world.updatePost(edited);
    world.fireOn(node(), "messageHasBeenUpdated", edited, post);
    return c.json(postJson(edited));
  });
  app.delete("/posts/:post", (c) => {
    const post = world.posts.get(c.req.param("post"));
    if (!post || post.UserId !== c.get("user").Id)
      throw appError("Permissions", "api.context.permissions.app_error", 403);
    const deleted = world.deletePost(post);
    world.fireOn(node(), "messageHasBeenDeleted", deleted);
    return c.json({ status: "OK" });
  });

  /** `getFile` of api4: inline for pictures without `?download=1`, else as a download. */
  app.get("/files/:file", (c) => {
    const file = world.files.get(c.req.param("file"));
    if (!file) throw notFound("GetFileInfo", "app.file_info.get.app_error");
    readable(c.get("user"), file.info.ChannelId);
    const inline = file.info.MimeType.startsWith("image/") && c.req.query("download") !== "1";
    const name = encodeURIComponent(file.info.Name);
    return new Response(file.data.slice(), {
      headers: {
        "Content-Type": file.info.MimeType,
        "Content-Length": String(file.data.length),
        "Content-Disposition": `${inline ? "inline" : "attachment"};filename="${name}"; filename*=UTF-8''${name}`,
        "Cache-Control": "private, no-cache",
      },
    });
  });

  interactionRoutes(app, { world, node, toPlugin });
  adminRoutes(app, { world, pluginId: bundle.id, setPluginEnabled });

  app.post("/commands/execute", async (c) => {
    const { command, channel_id, root_id, team_id } = await body(c);
    const trigger = /^\/(\S+)/.exec(String(command))?.[1] ?? "";
    if (!world.commands.has(trigger))
      throw notFound("executeCommand", "api.command.execute_command.not_found.app_error");
    // Called once, because each call may answer the next node.
    const asked = node();
    const sink = [...world.hookSinks].find((each) => each.node === asked);
    if (!sink?.has("executeCommand"))
      throw appError("ExecutePluginCommand", "model.plugin_command.error.app_error", 500);
    const args = {
      UserId: c.get("user").Id,
      ChannelId: String(channel_id ?? ""),
      TeamId: String(team_id ?? ""),
      RootId: String(root_id ?? ""),
      TriggerId: newTrigger(world, c.get("user").Id),
      Command: String(command),
      SiteURL: String(world.config.ServiceSettings.SiteURL),
    };
    const context = hookContext({ SessionId: c.get("sessionId") });
    const answer = (await sink.call("executeCommand", context, args)) as {
      Text?: string;
      ResponseType?: string;
    } | null;
    if (answer?.Text) {
      const channel = world.channels.get(args.ChannelId);
      if (answer.ResponseType === "in_channel" && channel) {
        await publish(
          world,
          { UserId: args.UserId, ChannelId: channel.Id, Message: answer.Text },
          { node: node() },
        );
      } else {
        const post = ephemeralPost(
          { UserId: args.UserId, ChannelId: args.ChannelId, Message: answer.Text },
          world.now(),
        );
        world.tell({ event: "ephemeral_message", data: { post }, to: { userId: args.UserId } });
      }
    }
    return c.json(answer ? toJson(answer) : {});
  });

  const enabled = () => pluginEnabled(world.config, bundle.id);
  app.get("/plugins/webapp", (c) =>
    c.json(
      bundle.webappPath && enabled()
        ? [{ ...bundle.manifest, webapp: { bundle_path: bundle.webappPath } }]
        : [],
    ),
  );
  app.get("/plugins", (c) => {
    mayReadConsole(c.get("user"));
    const [active, inactive] = enabled() ? [[bundle.manifest], []] : [[], [bundle.manifest]];
    return c.json({ active, inactive });
  });

  app.get("/config", (c) => {
    mayReadConsole(c.get("user"));
    return c.json(shownConfig(world, bundle));
  });
  /**
   * Which settings environment variables hold, as a tree of `true`; a nil map, `null`, if there is none.
   */
  app.get("/config/environment", (c) => {
    mayReadConsole(c.get("user"));
    if (world.lockedSettings.size === 0) return c.json(null);
    const tree: Record<string, unknown> = {};
    for (const path of world.lockedSettings) {
      let at = tree;
      const parts = path.split(".");
      for (const part of parts.slice(0, -1)) {
        at[part] ??= {};
        at = at[part] as Record<string, unknown>;
      }
      at[parts.at(-1) ?? ""] = true;
    }
    return c.json(tree);
  });
  const save = async (c: Context<Vars>) => {
    admin(c.get("user"));
    const given = (await body(c)) as ServerConfig;
    const next = structuredClone(world.config);
    for (const [section, settings] of Object.entries(given)) {
      if (section === "PluginSettings") continue;
      next[section] = { ...next[section], ...settings };
    }
    for (const [id, settings] of Object.entries(given.PluginSettings?.Plugins ?? {})) {
      const known = next.PluginSettings.Plugins[id] ?? {};
      const merged: Body = { ...known };
      for (const [key, value] of Object.entries(settings)) if (value !== FAKE_SETTING) merged[key] = value;
      next.PluginSettings.Plugins[id] = merged;
    }
    const states = given.PluginSettings?.PluginStates;
    if (states) next.PluginSettings.PluginStates = states;
    world.saveConfig(next);
    return c.json(shownConfig(world, bundle));
  };
  app.put("/config", save);
  app.put("/config/patch", save);
  return app;
}

const pluginEnabled = (config: ServerConfig, id: string): boolean =>
  (config.PluginSettings.PluginStates as Record<string, { Enable?: boolean }>)[id]?.Enable !== false;

function shownName(user: User | undefined): string {
  return [user?.FirstName, user?.LastName].filter(Boolean).join(" ") || (user?.Username ?? "");
}

/** Settings that plugin.json marks as secret are stars here, as the server sends them to the console. */
function shownConfig(world: World, bundle: PluginBundle): ServerConfig {
  const config = sanitized(world.config);
  const settings = config.PluginSettings.Plugins[bundle.id] ?? {};
  for (const setting of bundle.settings)
    if (setting.secret && settings[setting.key]) settings[setting.key] = FAKE_SETTING;
  return config;
}
