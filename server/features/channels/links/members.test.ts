/** Tests notices about people who join one side and can then read the other one. */

import { afterEach, expect, test } from "bun:test";
import { ChannelsWorld } from "../testing/channels-world.ts";
import { removeLink } from "./linking.ts";

let w: ChannelsWorld;
afterEach(() => w.stop());

const begin = async () => {
  w = new ChannelsWorld();
  w.node();
  return w.link();
};
const sent: { userId: string; text: string }[] = [];
const listen = () => {
  sent.splice(0);
  w.mattermost.watch(({ event, data, to }) => {
    if (event !== "ephemeral_message") return;
    sent.push({
      userId: String((to as { userId?: string }).userId),
      text: String((data.post as { Message?: string }).Message),
    });
  });
};
const join = async (name: string, more = {}) => {
  const user = w.mattermost.addUser({ Username: name, ...more });
  w.mattermost.join(user.Id, w.channel.Id, { Roles: "channel_user" });
  await w.mattermost.settled();
  await w.clock.pass(100);
  return user;
};
const added = (members: unknown[], kind = "membersAdded") =>
  w.channels.say(w.teamsChannel, null, {
    html: "<systemEventMessage/>",
    eventDetail: { "@odata.type": `#microsoft.graph.${kind}EventMessageDetail`, members },
  });

test("in Mattermost: only the new member reads where the channel is linked to, in their language; bots do not", async () => {
  await begin();
  listen();
  const eva = await join("eva", { Locale: "de" });
  await join("robot", { IsBot: true });
  expect(sent).toHaveLength(1);
  expect(sent[0]?.userId).toBe(eva.Id);
  expect(sent[0]?.text).toContain("**Plans in Teams** des Teams **Ops**");
  expect(w.notices).toHaveLength(1);
});

test("in Mattermost without a link, or after it has ended: nobody gets a notice", async () => {
  const link = await begin();
  const [node] = w.nodes;
  if (node) await removeLink(node.engine.room, link, w.admin.user.Id);
  listen();
  await join("eva");
  expect(sent).toEqual([]);
});

test("in Teams: everybody here reads the names, once for each event, whichever node gets it and however often", async () => {
  await begin();
  const other = w.node();
  const ben = w.teamsPerson("ben");
  added([
    { id: ben.objectId, displayName: null },
    { id: "x", displayName: "@all [Eve](x)" },
  ]);
  const [change] = w.pending.splice(0);
  if (!change) throw new Error("no change");
  w.pending.push(change, change);
  await w.settle();
  await w.report(change, other);
  await w.settle();
  const notices = w.notices.filter((one) => one.includes("joined the Teams channel"));
  expect(notices).toHaveLength(1);
  expect(notices[0]).toContain("Ben Teams");
  expect(notices[0]).not.toContain("@all");
  expect(w.posts).toEqual([]);
});

test("in Teams, when many join: ten are named, the others counted; the bot account is not", async () => {
  await begin();
  const many = Array.from({ length: 14 }, (_, at) => ({ id: `id-${at}`, displayName: `Person ${at}` }));
  added(many, "membersJoined");
  added([{ id: w.botPerson.objectId, displayName: "Bridge" }]);
  added(many, "membersDeleted");
  await w.settle();
  const notices = w.notices.filter((one) => one.includes("joined the Teams channel"));
  expect(notices).toHaveLength(1);
  expect(notices[0]).toContain("Person 9, 4 more");
});

const HOUR = 60 * 60_000;
const joins = () => w.notices.filter((one) => one.includes("joined the Teams channel"));

test("in Teams, by a join of the whole team, which is reported in its General channel alone: named within the hour", async () => {
  w = new ChannelsWorld();
  w.roles.add("ChannelMember.Read.All");
  w.node();
  w.node();
  await w.link();
  w.teamsPerson("before");
  await w.clock.pass(2 * HOUR);
  const first = joins().length;
  w.teamsPerson("ben");
  w.teamsPerson("eve");
  await w.clock.pass(2 * HOUR);
  expect(joins().slice(first)).toEqual([
    "Ben Teams, Eve Teams joined the Teams channel **Plans in Teams** and can read what is written here.",
  ]);
  await w.clock.pass(5 * HOUR);
  expect(joins()).toHaveLength(first + 1);
});

test("in Teams, by a join that Teams reports, too: announced once, whichever comes first", async () => {
  w = new ChannelsWorld();
  w.roles.add("ChannelMember.Read.All");
  w.node();
  await w.link();
  await w.clock.pass(HOUR);
  const ben = w.teamsPerson("ben");
  added([{ id: ben.objectId, displayName: "Ben" }]);
  await w.settle();
  await w.clock.pass(2 * HOUR);
  const eve = w.teamsPerson("eve");
  await w.clock.pass(2 * HOUR);
  added([{ id: eve.objectId, displayName: "Eve" }]);
  await w.settle();
  expect(joins()).toHaveLength(2);
});

test("in Teams: without the permission nobody is named, and an outage of that list pauses nothing", async () => {
  await begin();
  w.teamsPerson("ben");
  await w.clock.pass(2 * HOUR);
  w.roles.add("ChannelMember.Read.All");
  w.intercept = (_, path) => (path.endsWith("/members") ? new Response("", { status: 503 }) : null);
  w.teamsPerson("eve");
  await w.clock.pass(2 * HOUR);
  expect(joins()).toEqual([]);
  expect((await w.nodes[0]?.engine.room.links.all())?.[0]?.paused).toBeNull();
});
