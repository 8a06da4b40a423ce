/** Tests a deleted root: the server deletes its replies with it, Teams keeps them. */

import { afterEach, expect, test } from "bun:test";
import { ChannelsWorld } from "./testing/channels-world.ts";

let w: ChannelsWorld;
const begin = async () => {
  w = new ChannelsWorld();
  w.node();
  await w.link();
};
afterEach(() => w.stop());

const MINUTE = 60_000;
const texts = () => w.messages.map(({ body }) => body.content.replaceAll(/<[^>]*>/g, ""));

test("a root deleted in Mattermost takes in Teams the replies of people here with it", async () => {
  await begin();
  const root = await w.post(w.admin.user, "root");
  await w.settle();
  await w.post(w.both("dora").user, "reply", { RootId: root.Id });
  await w.post(w.mattermostPerson("ann"), "by the bot account", { RootId: root.Id });
  await w.settle();
  const ben = w.teamsPerson("ben");
  w.channels.say(w.teamsChannel, ben, { html: "<p>of Ben</p>", replyTo: w.messages[0]?.id ?? "" });
  await w.settle();
  expect(w.posts).toHaveLength(4);
  w.remove(root);
  await w.settle(20);
  expect(w.posts).toEqual([]);
  expect(texts()).toEqual(["of Ben"]);
  w.channels.edit(w.teamsChannel, w.messages[0]?.id ?? "", { html: "<p>still of Ben</p>" });
  await w.settle();
  await w.clock.pass(15 * MINUTE);
  expect(w.posts).toEqual([]);
});

test("a root deleted in Teams deletes the thread here, and what others wrote stays in Teams", async () => {
  await begin();
  const ben = w.teamsPerson("ben");
  const root = w.channels.say(w.teamsChannel, ben, { html: "<p>root</p>" });
  await w.settle();
  const [post] = w.posts;
  await w.post(w.admin.user, "reply", { RootId: post?.Id ?? "" });
  await w.settle();
  w.channels.say(w.teamsChannel, w.admin.person, { html: "<p>another</p>", replyTo: root.id });
  await w.settle();
  expect(w.posts).toHaveLength(3);
  w.channels.remove(w.teamsChannel, root.id);
  await w.settle();
  expect(w.posts).toEqual([]);
  await w.clock.pass(30 * MINUTE);
  expect(texts()).toEqual(["reply", "another"]);
  // A later reply there starts a thread here.
  w.channels.say(w.teamsChannel, ben, { html: "<p>later</p>", replyTo: root.id });
  w.channels.edit(w.teamsChannel, w.messages[0]?.id ?? "", { html: "<p>reply, edited</p>" });
  await w.settle();
  expect(w.posts.map(({ Message, RootId }) => [Message.split("\n").at(-1), RootId])).toEqual([["later", ""]]);
});

test("a quoted root mentions nobody, whatever the person who replies may do", async () => {
  w = new ChannelsWorld();
  w.node();
  const ann = w.mattermostPerson("ann");
  const root = await w.post(ann, "@channel @all, and @here: free cake");
  await w.clock.pass(1_000);
  await w.link();
  await w.post(w.admin.user, "no, thanks", { RootId: root.Id });
  await w.settle();
  expect(w.messages[0]?.body.content).toContain("@channel @all, and @here: free cake");
  expect(w.messages[0]?.mentions).toEqual([]);
});

test("a quoted root is not cut inside an emoji", async () => {
  w = new ChannelsWorld();
  w.node();
  const root = await w.post(w.admin.user, `${"a".repeat(299)}😀 and more`);
  await w.clock.pass(1_000);
  await w.link();
  await w.post(w.admin.user, "first reply", { RootId: root.Id });
  await w.settle();
  expect(w.messages[0]?.body.content.isWellFormed()).toBe(true);
});
