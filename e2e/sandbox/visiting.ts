/**
 * Actions that the sandbox's page does for a visitor who prefers to watch: switch a feature on, connect an account,
 * type a command, press a button of a card. Each takes a person's way: the real code flow, the server's own REST
 * routes.
 */

import { Hono } from "hono";
import { type ConsentingFeature, giveConsent, needs } from "./consent.ts";
import type { Entra } from "./entra/server.ts";
import type { Graph } from "./graph/server.ts";
import type { PluginBundle } from "./mattermost/plugin-bundle.ts";
import { savePluginSettings } from "./mattermost/plugin-settings.ts";
import { login } from "./mattermost/sessions.ts";
import type { World } from "./mattermost/world.ts";
import { personOf, userOf } from "./people.ts";
import type { Scene } from "./scene.ts";
import type { Person, Tenant } from "./tenant.ts";
import type { Application } from "./tenant-apps.ts";

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

const settings: Readonly<Record<ConsentingFeature, Readonly<Record<string, boolean>>>> = {
  chats: { chats_enabled: true, chats_reply: true },
  channels: { channels_enabled: true },
  calendar: { calendar_enabled: true },
};

export function visitorRoutes(stage: Stage): Hono {
  const app = new Hono();
  const done = { ok: true };

  app.post("/switch-on", async (c) => {
    const { feature } = (await c.req.json()) as { feature: ConsentingFeature };
    if (!Object.hasOwn(settings, feature)) throw new Error(`there is no feature ${feature}`);
    giveConsent(stage.tenant, stage.registration?.app.appId ?? "", needs[feature]);
    savePluginSettings(stage.world, stage.bundle.id, settings[feature]);
    await stage.world.settled();
    return c.json(done);
  });

  /**
   * Connects a person's own account, or with `account: "bot"` the Teams account that posts for people without one.
   */
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

  /** Sets the person's own choices for the calendar; everything is off after connecting. */
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
  // The feature may have been switched on a moment ago.
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

const BOT_ACCOUNT = "mattermost-bridge@harbor.example";

/** Adds the bot account to each team, as the admin guide requires. */
function botAccount({ graph, tenant }: Stage): Person {
  const person =
    tenant.person(BOT_ACCOUNT) ??
    tenant.addPerson({ displayName: "Mattermost Bridge", userPrincipalName: BOT_ACCOUNT });
  for (const team of graph.channels.teams.values()) team.members.add(person.objectId);
  return person;
}
