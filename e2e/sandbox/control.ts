/** HTTP routes for the sandbox's levers (`/sandbox/api/…`): its page and the specs use them. */

import { type Context, Hono } from "hono";
import type { User } from "../../server/runtime/mattermost/index.ts";
import { chatRoutes } from "./chatting.ts";
import { connectionLevers, isLever } from "./connecting.ts";
import type { Entra } from "./entra/server.ts";
import { failureRoutes } from "./failing.ts";
import type { Graph } from "./graph/server.ts";
import { teamsRoutes } from "./linking.ts";
import { putFile } from "./mattermost/files.ts";
import type { PluginBundle } from "./mattermost/plugin-bundle.ts";
import { savePluginSettings } from "./mattermost/plugin-settings.ts";
import { publish } from "./mattermost/publish.ts";
import { toJson, userToJson } from "./mattermost/rest-json.ts";
import type { MattermostServer } from "./mattermost/server.ts";
import type { World } from "./mattermost/world.ts";
import { observationRoutes } from "./observing.ts";
import { outlookRoutes } from "./outlook.ts";
import { channelOf, userOf } from "./people.ts";
import type { Scene } from "./scene.ts";
import type { Teams } from "./teams/server.ts";
import type { Tenant } from "./tenant.ts";
import type { Application } from "./tenant-apps.ts";
import type { Authority } from "./tls/authority.ts";
import { visitorRoutes } from "./visiting.ts";
import type { WireLog } from "./wire-log.ts";

type Json = Record<string, unknown>;

/**
 * The parts of a sandbox that the levers move. They are read at each request, because some are created after the
 * routes.
 */
export interface Controlled {
  readonly world: World;
  readonly tenant: Tenant;
  readonly wires: WireLog;
  readonly entra: Entra;
  readonly graph: Graph;
  readonly teams: Teams;
  readonly mattermost: MattermostServer;
  readonly bundle: PluginBundle;
  readonly scene: Scene;
  readonly authority: Authority;
  readonly registration: { readonly app: Application; readonly secret: string } | null;
  readonly siteUrl: string;
  readonly colleagueUrl: string;
  installApp(): Promise<void>;
}

export function controlRoutes(sandbox: Controlled): Hono {
  const app = new Hono();
  const { world, tenant, entra, graph } = sandbox;
  const json = async (c: Context) => (await c.req.json().catch(() => ({}))) as Json;
  const user = (username: unknown) => userOf(world, String(username));
  const place = (from: User, name: string) => channelOf(world, sandbox.scene.team, from, name);
  const done = (c: Context) => c.json({ ok: true });
  app.onError((error, c) => c.json({ error: error.message }, 400));
  // A page on the internet must not reach the levers on somebody's machine.
  app.use(async (c, next) => {
    const origin = c.req.header("origin");
    const own = !origin || /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/.test(origin);
    return own ? next() : c.json({ error: "only from this machine's own pages" }, 403);
  });

  app.get("/info", (c) =>
    c.json({
      siteUrl: sandbox.siteUrl,
      colleagueUrl: sandbox.colleagueUrl,
      teamsUrl: sandbox.teams.url,
      entraUrl: entra.url,
      graphUrl: graph.url,
      caCertificate: sandbox.authority.certificate,
      pluginId: sandbox.bundle.id,
      tenantId: tenant.id,
      clientId: sandbox.registration?.app.appId ?? null,
      clientSecret: sandbox.registration?.secret ?? null,
      people: [...tenant.people.values()],
      users: [...world.users.values()].map(userToJson),
    }),
  );

  // Actions of people.
  app.post("/post", async (c) => {
    const { as, channel, message, rootId } = await json(c);
    const author = user(as);
    const post = await publish(world, {
      UserId: author.Id,
      ChannelId: place(author, String(channel)),
      Message: String(message),
      RootId: String(rootId ?? ""),
    });
    return c.json(toJson(post));
  });
  app.post("/post/delete", async (c) => {
    const { id } = await json(c);
    const post = world.posts.get(String(id));
    if (!post) throw new Error(`there is no post ${id}`);
    const deleted = { ...post, DeleteAt: world.now(), UpdateAt: world.now() };
    world.updatePost(deleted);
    world.fireOn(undefined, "messageHasBeenDeleted", deleted);
    return done(c);
  });
  /** Attaches a file: `text`, or `size` bytes. */
  app.post("/file", async (c) => {
    const { as, channel, name, text, size } = await json(c);
    const author = user(as);
    const channelId = place(author, String(channel));
    const data = text === undefined ? new Uint8Array(Number(size)).fill(120) : Buffer.from(String(text));
    const id = putFile(world, channelId, String(name), data).Id;
    const post = await publish(world, { UserId: author.Id, ChannelId: channelId, FileIds: [id] });
    return c.json({ fileId: id, postId: post.Id });
  });
  app.post("/leave", async (c) => {
    const { username, channel } = await json(c);
    world.leave(user(username).Id, place(user(username), String(channel)));
    return done(c);
  });
  app.post("/install", async (c) => {
    await sandbox.installApp();
    return done(c);
  });
  app.post("/status", async (c) => {
    const { username, status } = await json(c);
    world.setStatus(user(username).Id, String(status), { Manual: true });
    return done(c);
  });
  app.post("/preference", async (c) => {
    const { username, category, name, value } = await json(c);
    world.setPreference(user(username).Id, String(category), String(name), String(value));
    world.tell({ event: "preferences_changed", data: {}, to: { userId: user(username).Id } });
    return done(c);
  });
  app.post("/user", async (c) => {
    const { username, patch, create } = (await json(c)) as {
      username: string;
      patch?: Partial<User>;
      create?: boolean;
    };
    if (create) {
      const made = world.addUser({ Username: username, ...patch });
      world.joinTeam(made.Id, sandbox.scene.team);
      return c.json(userToJson(made));
    }
    const known = user(username);
    if (patch && "DeleteAt" in patch) world.setActive(known.Id, patch.DeleteAt === 0);
    world.putUser({ ...user(username), ...patch, UpdateAt: world.now() });
    return c.json(userToJson(user(username)));
  });
  app.post("/person", async (c) => {
    const { upn, patch } = (await json(c)) as { upn: string; patch: Json };
    const person = tenant.person(upn);
    if (!person) throw new Error(`there is no ${upn}`);
    Object.assign(person, patch);
    return done(c);
  });
  app.post("/sessions/revoke", async (c) => {
    const { username } = await json(c);
    for (const session of world.sessions.values())
      if (session.UserId === user(username).Id) world.sessions.delete(session.Id);
    return done(c);
  });
  app.get("/sessions", (c) => {
    const { Id } = user(c.req.query("username"));
    const sessions = [...world.sessions.values()].filter(({ UserId }) => UserId === Id);
    const { sockets } = sandbox.mattermost;
    return c.json(
      sessions.map((session) => ({
        ...(toJson({ ...session, Token: "" }) as Json),
        sockets: sockets.of(session.Token),
      })),
    );
  });
  app.post("/sessions/end", async (c) => {
    const { id, inSeconds } = (await json(c)) as { id: string; inSeconds: number };
    const session = world.sessions.get(id);
    if (!session) throw new Error(`there is no session ${id}`);
    session.ExpiresAt = world.now() + inSeconds * 1000;
    return done(c);
  });

  // Changes by admins.
  app.post("/config", async (c) => {
    const patch = await json(c);
    const next = structuredClone(world.config);
    for (const [section, settings] of Object.entries(patch))
      next[section] = { ...next[section], ...(settings as Json) };
    world.saveConfig(next);
    await world.settled();
    return done(c);
  });
  app.post("/settings", async (c) => {
    savePluginSettings(world, sandbox.bundle.id, await json(c));
    await world.settled();
    return done(c);
  });
  app.post("/lock", async (c) => {
    const { paths } = (await json(c)) as { paths: string[] };
    world.lockedSettings.clear();
    for (const path of paths) world.lockedSettings.add(path);
    return done(c);
  });
  app.get("/config", (c) => c.json(world.config));

  app.route("/", failureRoutes(sandbox));
  app.post("/entra/rotate", async (c) => {
    entra.rotateKeys(await json(c));
    return done(c);
  });
  app.post("/connections/:lever", async (c) => {
    const lever = c.req.param("lever");
    if (!isLever(lever)) throw new Error(`there is no lever ${lever} for a connection`);
    await connectionLevers[lever](sandbox, String((await json(c)).username));
    return done(c);
  });
  app.route("/chats", chatRoutes(sandbox));
  app.route("/teams", teamsRoutes(sandbox));
  app.route("/visitor", visitorRoutes(sandbox));
  app.get("/entra/device", (c) => c.json(entra.deviceCodes.waiting()));
  app.post("/entra/device", async (c) => {
    const { userCode, upn } = await json(c);
    const person = upn ? tenant.person(String(upn)) : null;
    if (!entra.deviceCodes.answer(String(userCode), person?.objectId ?? null))
      throw new Error("no such code");
    return done(c);
  });
  app.route("/calendar", outlookRoutes(sandbox));
  app.post("/tenant/consent", async (c) => {
    const {
      roles,
      revoke = [],
      scopes,
    } = (await json(c)) as { roles?: string[]; revoke?: string[]; scopes?: string };
    const appId = sandbox.registration?.app.appId ?? "";
    for (const role of revoke) tenant.revokeRole(appId, role);
    for (const role of roles ?? []) tenant.grantRole(appId, role);
    if (scopes === "") tenant.revokeScopes(appId);
    else if (scopes) tenant.grantScopes(appId, scopes);
    return done(c);
  });
  app.post("/plugin/:action", async (c) => {
    const action = c.req.param("action");
    const node = c.req.query("node") ?? "node-1";
    if (action === "restart") await sandbox.mattermost.restartPlugin();
    else if (action === "stop") await sandbox.mattermost.stopPlugin();
    else if (action === "start") await sandbox.mattermost.startPlugin();
    else if (action === "crash") sandbox.mattermost.crash(node);
    else throw new Error(`there is no action ${action} for the plugin`);
    return done(c);
  });

  app.route("/", observationRoutes(sandbox));
  return app;
}
