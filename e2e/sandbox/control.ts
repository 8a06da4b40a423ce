/** HTTP routes for the sandbox's levers (`/sandbox/api/…`): its page and the specs use them. */

import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { User } from "../../server/runtime/mattermost/index.ts";
import { chatRoutes } from "./chatting.ts";
import { connectionLevers, isLever } from "./connecting.ts";
import type { Entra } from "./entra/server.ts";
import type { Graph } from "./graph/server.ts";
import { teamsRoutes } from "./linking.ts";
import { appError } from "./mattermost/app-error.ts";
import { putFile } from "./mattermost/files.ts";
import type { PluginBundle } from "./mattermost/plugin-bundle.ts";
import { savePluginSettings } from "./mattermost/plugin-settings.ts";
import { publish } from "./mattermost/publish.ts";
import { toJson, userToJson } from "./mattermost/rest-json.ts";
import type { MattermostServer } from "./mattermost/server.ts";
import type { World } from "./mattermost/world.ts";
import { outlookRoutes } from "./outlook.ts";
import { userOf } from "./people.ts";
import type { Scene } from "./scene.ts";
import type { Teams } from "./teams/server.ts";
import type { Tenant } from "./tenant.ts";
import type { Application } from "./tenant-apps.ts";
import type { Authority } from "./tls/authority.ts";
import { visitorRoutes } from "./visiting.ts";
import type { WireEntry, WireLog } from "./wire-log.ts";

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
  const { world, tenant, wires, entra, graph } = sandbox;
  const json = async (c: Context) => (await c.req.json().catch(() => ({}))) as Json;
  const user = (username: unknown) => userOf(world, String(username));
  const place = (from: User, name: string): string => {
    if (name.startsWith("@")) return world.directChannel(from.Id, user(name.slice(1)).Id).Id;
    return world.channelByName(sandbox.scene.team, name)?.Id ?? name;
  };
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
  app.get("/log", (c) => c.json(wires.since(Number(c.req.query("since") ?? 0))));
  app.get("/log/stream", (c) =>
    streamSSE(c, async (stream) => {
      let last = 0;
      while (!stream.aborted) {
        const fresh: WireEntry[] = wires.since(last);
        last = fresh.at(-1)?.id ?? last;
        if (fresh.length > 0) await stream.writeSSE({ data: JSON.stringify(fresh) });
        await stream.sleep(300);
      }
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
    return c.json(sessions.map((session) => toJson({ ...session, Token: "" })));
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

  // Failures.
  app.post("/faults/entra", async (c) => {
    entra.setFaults(await json(c));
    return c.json(entra.faults);
  });
  app.post("/faults/graph", async (c) => {
    const { throttle, ...faults } = await json(c);
    if (typeof throttle === "boolean") graph.throttle.enabled = throttle;
    graph.setFaults(faults);
    return c.json(graph.faults);
  });
  app.post("/faults/api", async (c) => {
    const { methods, status = 500 } = (await json(c)) as { methods: string[]; status?: number };
    sandbox.mattermost.fault = (method) =>
      methods.includes(method) ? appError(method, "app.sandbox.fault", status, "told to fail") : undefined;
    return done(c);
  });
  app.post("/faults/teams", async (c) => {
    Object.assign(sandbox.teams.tokens, await json(c));
    return c.json(sandbox.teams.tokens);
  });
  app.post("/healthy", (c) => {
    entra.healthy();
    graph.healthy();
    sandbox.mattermost.fault = undefined;
    Object.assign(sandbox.teams.tokens, { kind: "good", version: null, consent: "given", error: null });
    return done(c);
  });
  app.get("/faults", (c) =>
    c.json({ entra: entra.faults, graph: graph.faults, teams: sandbox.teams.tokens }),
  );
  app.post("/entra/rotate", async (c) => {
    entra.rotateKeys(await json(c));
    return done(c);
  });
  app.post("/connections/:lever", async (c) => {
    const lever = c.req.param("lever");
    if (!isLever(lever)) throw new Error(`a connection cannot be told to ${lever}`);
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
    else throw new Error(`the plugin cannot be told to ${action}`);
    return done(c);
  });

  // Observations.
  app.get("/activities", (c) =>
    c.json(
      tenant.activities.map((each) => ({
        ...each,
        recipient: tenant.people.get(each.recipientId)?.userPrincipalName,
      })),
    ),
  );
  app.get("/graph/requests", (c) => c.json(graph.requests));
  app.get("/entra/fetched", (c) => c.json(entra.fetched));
  app.get("/tenant/applications", (c) => c.json([...tenant.applications.values()]));
  app.get("/tenant/catalog", (c) => c.json([...tenant.catalog.values()]));
  app.get("/audit", (c) => c.json(world.audit));
  app.get("/logs", (c) => c.json(world.logs));
  app.get("/mail", (c) => c.json(world.mail));
  app.get("/posts", (c) => {
    const as = user(c.req.query("as") ?? "sam");
    return c.json(world.postsIn(place(as, c.req.query("channel") ?? "town-square")).map(toJson));
  });
  app.get("/kv", (c) => {
    const kv = world.kv(sandbox.bundle.id);
    return c.json(
      Object.fromEntries(kv.keys().map((key) => [key, new TextDecoder().decode(kv.get(key) ?? undefined)])),
    );
  });
  app.get("/metrics", () => sandbox.mattermost.metrics());
  return app;
}
