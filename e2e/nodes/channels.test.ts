/**
 * Tests a linked channel with two processes of the built executable: real tokens, real subscriptions with encrypted
 * contents, and the command as people type it. Runs in `npm test` after the bundle is built.
 */

import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../build/architecture.ts";
import { giveConsent, needs } from "../sandbox/consent.ts";
import { publish } from "../sandbox/mattermost/publish.ts";
import { login } from "../sandbox/mattermost/sessions.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import type { Person } from "../sandbox/tenant.ts";
import { until } from "../until.ts";
import { connectingIsPossible } from "./connecting-is-possible.ts";

const bundlePath = process.env.CHANNELS_BUNDLE ?? join(root, "dist/mission-collaboration");
if (!existsSync(join(bundlePath, "plugin.json"))) throw new Error("Build the bundle first: npm run build");
const command = process.env.CHANNELS_COMMAND?.split(" ");

// Longer than each `until` in a test, so that `until` fails first and names what was missing.
setDefaultTimeout(600_000);

let sandbox: Sandbox | null = null;
afterEach(() => {
  sandbox?.close();
  sandbox = null;
});

async function start(nodes: number) {
  const started = await Sandbox.start({ bundlePath, nodes, settings: {}, ...(command ? { command } : {}) });
  sandbox = started;
  const { world, tenant, graph, registration, bundle } = started;
  const appId = registration?.app.appId ?? "";
  giveConsent(tenant, appId, needs.channels);
  graph.subscriptions.retryScale = 0.01;
  const save = (settings: Record<string, unknown>) => {
    const { Plugins } = world.config.PluginSettings;
    const next = { ...Plugins, [bundle.id]: { ...Plugins[bundle.id], ...settings } };
    world.saveConfig({ ...world.config, PluginSettings: { ...world.config.PluginSettings, Plugins: next } });
  };
  const base = `${started.siteUrl}/plugins/${bundle.id}`;
  const team = world.addTeam({ Name: "operations", DisplayName: "Operations" });
  const channel = world.addChannel({ TeamId: team.Id, Name: "plans", DisplayName: "Plans", Type: "O" });
  const member = (name: string, roles = "system_user") => {
    const address = `${name}@harbor.example`;
    const person = tenant.addPerson({ displayName: name, userPrincipalName: address });
    const user = world.addUser({ Username: name, Email: address, Roles: roles });
    world.joinTeam(user.Id, team.Id, { Roles: "team_user" });
    world.join(user.Id, channel.Id, { Roles: "channel_user channel_admin", SchemeAdmin: true });
    const { session } = login(world, user, new Request(started.siteUrl));
    const headers = { Authorization: `Bearer ${session.Token}`, "X-Requested-With": "XMLHttpRequest" };
    const get = (path: string) => fetch(`${base}${path}`, { redirect: "manual", headers });
    const connect = async (as: Person = person, how = "") => {
      const begun = await get(`/oauth2/connect${how}`);
      if (begun.status !== 302) throw new Error(`${begun.status} ${await begun.text()}`);
      const back = started.entra.signIn(begun.headers.get("Location") ?? "", as);
      return (await get(back.slice(base.length))).status;
    };
    const type = async (line: string) => {
      const response = await fetch(`${started.siteUrl}/api/v4/commands/execute`, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify({ command: line, channel_id: channel.Id, team_id: team.Id }),
      });
      const answer = (await response.json()) as { text?: string; message?: string };
      return answer.text ?? `${response.status} ${answer.message}`;
    };
    return { person, user, get, connect, type };
  };
  const posts = () =>
    world
      .postsIn(channel.Id)
      .filter(({ Props, UserId }) => Props.teams_message_id || !world.users.get(UserId)?.IsBot);
  return {
    sandbox: started,
    world,
    tenant,
    channels: graph.channels,
    graph,
    channel,
    team,
    member,
    posts,
    save,
  };
}

test("two channels are linked by command, and both sides have the same conversation", async () => {
  const w = await start(2);
  await until(
    () => [...w.world.hookSinks].filter((sink) => sink.has("executeCommand")).length === 2,
    "both nodes",
  );
  const cy = w.member("cy", "system_user system_admin");
  expect(await cy.type("/teams link x y")).toContain("There is no");
  w.save({ channels_enabled: true });
  const robot = w.tenant.addPerson({ displayName: "Bridge", userPrincipalName: "bridge@harbor.example" });
  await connectingIsPossible(() => cy.get("/oauth2/connect"));
  expect(await cy.connect()).toBe(200);
  expect(await cy.connect(robot, "?account=bot")).toBe(200);
  const teams = w.channels.addTeam("Ops", [cy.person, robot]);
  const plans = w.channels.addChannel(teams, "Plans");
  await until(async () => (await cy.type("/msteams link")).includes("Usage"), "the command knows link");
  const answer = await cy.type(`/msteams link ${teams.id} ${plans.id}`);
  expect(answer).toContain("linked");
  await until(
    () => [...w.graph.subscriptions.all.values()].some(({ resource }) => resource.includes(plans.id)),
    "the subscription",
  );

  const ann = w.world.addUser({ Username: "ann", FirstName: "Ann" });
  w.world.joinTeam(ann.Id, w.team.Id, { Roles: "team_user" });
  w.world.join(ann.Id, w.channel.Id, { Roles: "channel_user" });
  const root = await publish(w.world, { UserId: cy.user.Id, ChannelId: w.channel.Id, Message: "**hello**" });
  await publish(w.world, { UserId: ann.Id, ChannelId: w.channel.Id, Message: "I am Ann", RootId: root.Id });
  await until(() => w.channels.visible(plans).length === 2, "both are in Teams");
  const [first, second] = w.channels.visible(plans);
  expect(first?.body.content).toContain("<strong>hello</strong>");
  expect(second).toMatchObject({ replyToId: first?.id ?? "", from: { user: { id: robot.objectId } } });

  const ben = w.tenant.addPerson({ displayName: "Ben", userPrincipalName: "ben@harbor.example" });
  teams.members.add(ben.objectId);
  w.channels.say(plans, ben, { html: "<p>good <b>day</b></p>", replyTo: first?.id ?? "" });
  await until(() => w.posts().length === 3, "Ben's message is here");
  expect(w.posts()[2]).toMatchObject({ RootId: root.Id, Props: { override_username: "Ben" } });
  w.channels.edit(plans, first?.id ?? "", { html: "<p>hello all</p>" });
  await until(() => w.posts()[0]?.Message === "hello all", "the edit is here");
  expect(await cy.type("/msteams show-links")).toContain("| Operations | Plans | Ops | Plans |");

  // No copy is copied back.
  await Bun.sleep(3_000);
  expect(w.channels.visible(plans)).toHaveLength(3);
  expect(w.posts()).toHaveLength(3);

  w.save({ channels_enabled: false });
  await until(async () => (await cy.type("/teams link x y")).includes("There is no"), "the command is gone");
  await until(() => w.graph.subscriptions.all.size === 0, "no subscription is left");
});
