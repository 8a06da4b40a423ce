/**
 * What the sandbox's page does for a visitor who would rather watch: switch a feature on, connect an account, type a
 * command, press a button of a card. Each goes the way of a person: the real code flow, the server's own REST routes.
 */

import { Hono } from "hono";
import type { User } from "../../server/runtime/mattermost/index.ts";
import type { Entra } from "./entra/server.ts";
import type { Graph } from "./graph/server.ts";
import type { PluginBundle } from "./mattermost/plugin-bundle.ts";
import { login } from "./mattermost/sessions.ts";
import type { World } from "./mattermost/world.ts";
import type { Scene } from "./scene.ts";
import type { Application, Person, Tenant } from "./tenant.ts";

interface Stage {
  readonly world: World;
  readonly tenant: Tenant;
  readonly entra: Entra;
  readonly graph: Graph;
  readonly bundle: PluginBundle;
  readonly scene: Scene;
  readonly registration: { readonly app: Application } | null;
  readonly siteUrl: string;
}

interface Switched {
  readonly settings: Readonly<Record<string, boolean>>;
  /** What an admin of the tenant consents to for it (docs/admin-guide.md). */
  readonly roles: readonly string[];
  readonly scopes: string;
}

const features: Readonly<Record<string, Switched>> = {
  chats: {
    settings: { chats_enabled: true, chats_reply: true },
    roles: ["Chat.Read.All", "Presence.Read.All"],
    scopes: "Chat.Read ChatMessage.Send Chat.ReadWrite Files.ReadWrite",
  },
  channels: {
    settings: { channels_enabled: true },
    roles: [
      "ChannelMessage.Read.All",
      "Channel.ReadBasic.All",
      "Team.ReadBasic.All",
      "Files.Read.All",
      "User.Read.All",
    ],
    scopes:
      "ChannelMessage.Read.All ChannelMessage.ReadWrite ChannelMessage.Send Channel.ReadBasic.All Team.ReadBasic.All Files.ReadWrite.All",
  },
  calendar: {
    settings: { calendar_enabled: true },
    roles: ["Calendars.Read", "MailboxSettings.Read"],
    scopes: "Calendars.ReadWrite MailboxSettings.Read",
  },
};

export function visitorRoutes(stage: Stage): Hono {
  const app = new Hono();
  const done = { ok: true };

  app.post("/switch-on", async (c) => {
    const { feature } = (await c.req.json()) as { feature: string };
    const wanted = features[feature];
    if (!wanted) throw new Error(`there is no feature ${feature}`);
    const appId = stage.registration?.app.appId ?? "";
    for (const role of wanted.roles) stage.tenant.grantRole(appId, role);
    stage.tenant.grantScopes(appId, wanted.scopes);
    save(stage, wanted.settings);
    await stage.world.settled();
    return c.json(done);
  });

  /** A person's own account, or with `account: "bot"` the Teams account that posts for people without one. */
  app.post("/connect", async (c) => {
    const { account, username } = (await c.req.json()) as { account?: "bot"; username: string };
    const person = account === "bot" ? botAccount(stage) : personOf(stage, username);
    await connect(stage, { username, person, query: account === "bot" ? "?account=bot" : "" });
    return c.json(done);
  });

  app.post("/command", async (c) => {
    const { as, channel, command } = (await c.req.json()) as Record<"as" | "channel" | "command", string>;
    const channelId = stage.world.channelByName(stage.scene.team, channel)?.Id ?? "";
    const body = { command, channel_id: channelId, team_id: stage.scene.team };
    return c.json((await send(stage, { username: as }, "/api/v4/commands/execute", body)) as object);
  });

  /** The person's own choices for the calendar; everything is off after connecting. */
  app.post("/calendar", async (c) => {
    const { as, ...choices } = (await c.req.json()) as { as: string } & Record<string, unknown>;
    const path = `/plugins/${stage.bundle.id}/api/v1/calendar/settings`;
    return c.json((await send(stage, { username: as, method: "PUT" }, path, choices)) as object);
  });

  app.post("/press", async (c) => {
    const { action, as, post } = (await c.req.json()) as Record<"action" | "as" | "post", string>;
    await send(stage, { username: as }, `/api/v4/posts/${post}/actions/${action}`, {});
    return c.json(done);
  });
  return app;
}

async function connect(
  stage: Stage,
  { person, query, username }: { person: Person; query: string; username: string },
): Promise<void> {
  const browser = browserOf(stage, username);
  const plugin = `/plugins/${stage.bundle.id}`;
  // The switch may have been pressed a moment ago.
  let begun = await browser.ask(`${plugin}/oauth2/connect${query}`);
  for (let round = 0; round < 50 && begun.status !== 302; round += 1) {
    await Bun.sleep(100);
    begun = await browser.ask(`${plugin}/oauth2/connect${query}`);
  }
  if (begun.status !== 302) throw new Error(`Connecting answered ${begun.status}.`);
  const back = new URL(stage.entra.signIn(begun.headers.get("Location") ?? "", person));
  const base = new URL(stage.siteUrl).pathname.replace(/\/$/, "");
  const ended = await browser.ask(`${back.pathname.slice(base.length)}${back.search}`);
  browser.close();
  if (ended.status !== 200) throw new Error(`Microsoft's answer was refused with ${ended.status}.`);
}

/** That person's browser, signed in. Connecting begins and ends in the same session. */
function browserOf({ siteUrl, world }: Stage, username: string) {
  const { session } = login(world, userOf(world, username), new Request(siteUrl));
  const ask = (path: string, body?: object, method = "POST") =>
    fetch(`${siteUrl}${path}`, {
      redirect: "manual",
      headers: { Authorization: `Bearer ${session.Token}`, "Content-Type": "application/json" },
      ...(body && { method, body: JSON.stringify(body) }),
    });
  return { ask, close: () => world.sessions.delete(session.Id) };
}

async function send(
  stage: Stage,
  { method = "POST", username }: { method?: string; username: string },
  path: string,
  body: object,
): Promise<unknown> {
  const browser = browserOf(stage, username);
  const response = await browser.ask(path, body, method);
  browser.close();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

function save({ bundle, world }: Stage, settings: Readonly<Record<string, unknown>>): void {
  const next = structuredClone(world.config);
  next.PluginSettings.Plugins[bundle.id] = { ...next.PluginSettings.Plugins[bundle.id], ...settings };
  world.saveConfig(next);
}

const BOT_ACCOUNT = "mattermost-bridge@harbor.example";

/** It is a member of each team, as the admin guide asks. */
function botAccount({ graph, tenant }: Stage): Person {
  const person =
    tenant.person(BOT_ACCOUNT) ??
    tenant.addPerson({ displayName: "Mattermost Bridge", userPrincipalName: BOT_ACCOUNT });
  for (const team of graph.channels.teams.values()) team.members.add(person.objectId);
  return person;
}

function personOf({ tenant, world }: Stage, username: string): Person {
  const person = tenant.person(userOf(world, username).Email);
  if (!person) throw new Error(`${username} has no Microsoft account`);
  return person;
}

function userOf(world: World, username: string): User {
  const user = world.userByUsername(username);
  if (!user) throw new Error(`there is no ${username}`);
  return user;
}
