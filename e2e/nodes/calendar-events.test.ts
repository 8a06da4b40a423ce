/**
 * Invitations with the built executable: a member connects, asks for cards, is invited, answers on the card; bursts of
 * changes, and a node that is killed with changes in hand. Runs in `npm test` after the bundle is made.
 */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../build/architecture.ts";
import type { Post } from "../../server/runtime/mattermost/index.ts";
import { login } from "../sandbox/mattermost/sessions.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { TlsServer } from "../sandbox/tls/server.ts";

const bundlePath = join(root, "dist/mission-collaboration");
if (!existsSync(join(bundlePath, "server/dist"))) throw new Error("Build the bundle first: npm run build");

setDefaultTimeout(120_000);

let sandbox: Sandbox | null = null;
let front: TlsServer | null = null;
afterEach(() => {
  front?.close();
  sandbox?.close();
  sandbox = null;
});

const HOUR = 3_600_000;

async function start(nodes = 1) {
  const started = await Sandbox.start({ bundlePath, nodes, settings: {} });
  sandbox = started;
  const { id } = started.bundle;
  // Graph wants https, and reaches the plugin by an address of its own.
  front = new TlsServer(started.authority, async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.method === "GET" ? null : await request.arrayBuffer();
    const headers = { "Content-Type": request.headers.get("Content-Type") ?? "" };
    return fetch(`${started.siteUrl}${pathname}${search}`, { method: request.method, headers, body });
  });
  front.listen(0);
  const appId = started.registration?.app.appId ?? "";
  for (const role of ["Calendars.Read", "MailboxSettings.Read"]) started.tenant.grantRole(appId, role);
  started.world.config.PluginSettings.Plugins[id] = {
    ...started.world.config.PluginSettings.Plugins[id],
    ...{ calendar_enabled: true, notification_url: front.url },
  };
  started.world.fireOnEveryNode("onConfigurationChange");
  started.graph.subscriptions.retryScale = 0.01;
  const base = `${started.siteUrl}/plugins/${id}`;

  const member = (name: string) => {
    const address = `${name}@harbor.example`;
    const person = started.tenant.addPerson({ displayName: name, userPrincipalName: address });
    const user = started.world.addUser({ Username: name, Email: address });
    const { session } = login(started.world, user, new Request(started.siteUrl));
    const ask = (path: string, method = "GET", json?: unknown, to = base) =>
      fetch(`${to}${path}`, {
        method,
        redirect: "manual",
        headers: { Authorization: `Bearer ${session.Token}`, "Content-Type": "application/json" },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
    const connect = async () => {
      await until(async () => (await ask("/oauth2/connect")).status === 302);
      const begun = await ask("/oauth2/connect");
      const back = started.entra.signIn(begun.headers.get("Location") ?? "", person);
      expect((await ask(back.slice(base.length))).status).toBe(200);
    };
    const cards = (): Post[] =>
      [...started.world.posts.values()].filter((post) => {
        const channel = started.world.channels.get(post.ChannelId);
        return channel?.Type === "D" && channel.Name.includes(user.Id) && post.Props.calendar_event_id;
      });
    return { person, user, ask, connect, cards };
  };
  return { sandbox: started, member };
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 3_000; round += 1) {
    if (await isSo()) return;
    await Bun.sleep(25);
  }
  throw new Error("it did not happen");
}

type Started = Awaited<ReturnType<typeof start>>;

/** A member whose calendar Graph tells about. */
async function listening({ member, sandbox: { graph } }: Started, name: string) {
  const one = member(name);
  await one.connect();
  const changed = await one.ask("/api/v1/calendar/settings", "PUT", { notifications: true });
  expect(changed.status).toBe(200);
  await until(() =>
    [...graph.subscriptions.all.values()].some(({ resource }) => resource.includes(one.person.objectId)),
  );
  return one;
}

const local = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString().slice(0, 16);

describe("the product", () => {
  test("a meeting from Mattermost: invitation, answer on the card, move, cancellation", async () => {
    const world = await start();
    const { sandbox } = world;
    const ana = await listening(world, "ana");
    const ben = await listening(world, "ben");
    const made = await ana.ask("/api/v1/calendar/events", "POST", {
      ...{ subject: "Kick-off", start: local(48), end: local(49), requestId: "one" },
      attendees: [ben.user.Id],
    });
    expect(made.status).toBe(201);
    const event = (await made.json()) as { id: string };
    await until(() => ben.cards().length === 1);
    const [card] = ben.cards();
    expect(JSON.stringify(card)).toContain("Kick-off");
    const pressed = await ben.ask(`/api/v4/posts/${card?.Id}/actions/accept`, "POST", {}, sandbox.siteUrl);
    expect(pressed.status).toBe(200);
    await until(() => JSON.stringify(ben.cards()[0]?.Props).includes("✓"));
    expect(sandbox.graph.calendars.answered).toMatchObject([{ answer: "accepted" }]);
    const { calendars } = sandbox.graph;
    const box = calendars.of(ana.person.objectId);
    const wall = (hours: number) => ({ dateTime: `${local(hours)}:00`, timeZone: "UTC" });
    calendars.changeMeeting(box, calendars.event(box, event.id), { start: wall(72), end: wall(73) });
    await until(() => ben.cards().length === 2);
    calendars.cancelMeeting(box, calendars.event(box, event.id));
    await until(() => ben.cards().length === 3 && !JSON.stringify(ben.cards()).includes('"actions":[{'));
    // The organiser hears of nothing but what they made.
    expect(ana.cards().map(({ Message }) => Message)).toEqual([expect.stringContaining("Kick-off")]);
    const calls = sandbox.graph.requests.map(({ path }) => path).filter((path) => path.includes("evil"));
    expect(calls).toEqual([]);
  });

  test("a burst of 2,000 changes, each delivered twice, is 2,000 cards, also when the node is killed in between", async () => {
    const world = await start(2);
    const { sandbox } = world;
    const { graph } = sandbox;
    graph.subscriptions.times = 2;
    const people: Awaited<ReturnType<typeof listening>>[] = [];
    for (const name of ["p1", "p2", "p3", "p4"]) people.push(await listening(world, name));
    const each = 500;
    const events = people.flatMap(({ person }) =>
      Array.from({ length: each }, (_, index) => {
        const from = Date.now() + (24 + index) * HOUR;
        return {
          person,
          event: graph.calendars.add(person.objectId, from, from + HOUR, {
            subject: `Event ${index}`,
            responseStatus: { response: "notResponded" },
            createdDateTime: new Date().toISOString(),
          }),
        };
      }),
    );
    const changes = events.map(({ event, person }) => ({
      resource: `Users/${person.objectId}/Events/${event.id}`,
      changeType: "created" as const,
      data: { ...event, "@odata.etag": `W/"${event.changeKey}"` },
    }));
    const accepted = (async () => {
      for (let at = 0; at < changes.length; at += 100)
        await graph.subscriptions.notify(...changes.slice(at, at + 100));
    })();
    await until(() => graph.subscriptions.deliveries.length >= 9);
    const busy = people.reduce((sum, { cards }) => sum + cards().length, 0);
    expect(busy).toBeLessThan(people.length * each);
    sandbox.mattermost.crash("node-1");
    await accepted;
    await until(() => people.every(({ cards }) => cards().length >= each));
    await Bun.sleep(1_000);
    for (const { cards } of people) {
      const ids = cards().map(({ Props }) => String(Props.calendar_event_id));
      expect(ids.length).toBe(each);
      expect(new Set(ids).size).toBe(each);
    }
  });
});
