/** Tests many events at once: two nodes that see the same, a storm of hooks, a connection that ends in the middle. */

import { afterEach, expect, test } from "bun:test";
import { ChannelsWorld } from "./testing/channels-world.ts";

let w: ChannelsWorld;
const begin = async (nodes = 1) => {
  w = new ChannelsWorld();
  for (let node = 0; node < nodes; node += 1) w.node();
  return w.link();
};
afterEach(() => w.stop());

const MINUTE = 60_000;
const texts = () => w.messages.map(({ body }) => body.content.replaceAll(/<[^>]*>/g, ""));

test("two nodes that get the same changes of both sides at the same time copy each change once, in order", async () => {
  await begin(2);
  const [first, second] = w.nodes;
  const ben = w.teamsPerson("ben");
  for (let number = 0; number < 10; number += 1) {
    const post = await w.post(w.admin.user, `here ${number}`);
    // The hook of the other node, as when another node holds the web socket.
    await second?.engine.posted(post);
    w.channels.say(w.teamsChannel, ben, { html: `<p>there ${number}</p>` });
  }
  const changes = w.pending.splice(0);
  await Promise.all([
    ...changes.map((change) => w.report(change, first)),
    ...changes.map((change) => w.report(change, second)),
  ]);
  await w.settle(60);
  expect(w.messages).toHaveLength(20);
  expect(w.posts).toHaveLength(20);
  const there = w.posts.flatMap(({ Message }) => /there \d/.exec(Message) ?? []);
  expect(there).toEqual(Array.from({ length: 10 }, (_, number) => `there ${number}`));
  expect(texts().filter((text) => text.startsWith("here"))).toEqual(
    Array.from({ length: 10 }, (_, number) => `here ${number}`),
  );
});

test("a storm of hooks for one post during an outage of Teams is one message with the last text", async () => {
  await begin();
  let away = true;
  w.intercept = (method) => (away && method !== "GET" ? new Response("", { status: 503 }) : null);
  const post = await w.post(w.admin.user, "text 0");
  for (let number = 1; number <= 300; number += 1) w.edit(post, `text ${number % 7}`);
  for (let number = 0; number < 101; number += 1) w.react(w.admin.user, post, "tada", number % 2 === 0);
  await w.settle();
  expect(w.nodes[0]?.engine.queue.state.waiting).toBeLessThan(120);
  away = false;
  await w.clock.pass(10 * MINUTE);
  expect(texts()).toEqual([`text ${300 % 7}`]);
  expect(w.messages[0]?.reactions).toHaveLength(1);
  expect(w.calls.filter((call) => call.startsWith("PATCH"))).toEqual([]);
});

test("a connection that ends between two parts: the bot account continues, and nothing appears twice", async () => {
  await begin();
  let sent = 0;
  w.intercept = (method, path, token) => {
    if (method !== "POST" || !path.includes("/messages") || token.oid !== w.admin.person.objectId)
      return null;
    sent += 1;
    return sent > 1
      ? Response.json({ error: { code: "InvalidAuthenticationToken" } }, { status: 401 })
      : null;
  };
  const long = Array.from({ length: 60 }, (_, index) => `${index} ${"x".repeat(250)}`).join("\n\n");
  await w.post(w.admin.user, long);
  await w.settle(30);
  const all = texts().join("\n");
  for (const number of [0, 30, 59])
    expect(all.match(new RegExp(`(?<!\\d)${number} xxx`, "g"))).toHaveLength(1);
  expect(w.posts).toHaveLength(1);
});

test("a burst that is deleted before it is sent never reaches Teams", async () => {
  await begin();
  const posts = [];
  for (let number = 0; number < 20; number += 1) posts.push(await w.post(w.admin.user, `post ${number}`));
  for (const post of posts.slice(1)) w.remove(post);
  await w.settle(60);
  expect(texts()).toEqual(["post 0"]);
  expect(w.calls.filter((call) => call.startsWith("POST")).length).toBeLessThanOrEqual(3);
});

test("one channel that Microsoft refuses for an hour delays none of a hundred others", async () => {
  await begin();
  w.intercept = (method, path) =>
    method === "POST" && path.includes(encodeURIComponent(w.teamsChannel.id))
      ? Response.json(
          { error: { code: "TooManyRequests" } },
          { status: 429, headers: { "Retry-After": "3600" } },
        )
      : null;
  await w.post(w.admin.user, "held up");
  const room = w.nodes[0]?.engine.room;
  if (!room) throw new Error("no node");
  const others = [];
  for (let number = 0; number < 100; number += 1) {
    const team = w.channels.addTeam(`Team ${number}`, [w.admin.person, w.botPerson]);
    const there = w.channels.addChannel(team, `There ${number}`);
    const here = w.mattermost.addChannel({
      ...{ TeamId: w.team.Id, Name: `c${number}`, DisplayName: `C ${number}`, Type: "O" },
    });
    await room.links.create({
      ...{ v: 1, id: `l${number}`, channelId: here.Id, teamId: team.id, teamsChannelId: there.id },
      ...{ membershipType: "standard", teamName: team.displayName, teamsChannelName: there.displayName },
      ...{ tenantId: w.tenant.id, createdBy: "", createdAt: w.clock.now(), paused: null, pausedAt: null },
      ...{ isPrivate: false, copySince: null, inTeam: w.team.Id },
    });
    others.push(there);
    await w.post(w.admin.user, "elsewhere", { ChannelId: here.Id });
  }
  await w.settle(30);
  expect(others.filter((one) => w.channels.visible(one).length === 1)).toHaveLength(100);
  expect(w.messages).toEqual([]);
}, 60_000);
