/** A removed link leaves nothing in the store. */

import { afterEach, expect, test } from "bun:test";
import { putFile } from "../../../../e2e/sandbox/mattermost/files.ts";
import { ChannelsWorld } from "../testing/channels-world.ts";
import { removeLink } from "./linking.ts";

let w: ChannelsWorld;
afterEach(() => w.stop());

const MINUTE = 60_000;
const room = () => {
  const [node] = w.nodes;
  if (!node) throw new Error("no node");
  return node.engine.room;
};
/** Leaves out the bot's buttons and the leases of the process, which do not belong to the link. */
const stored = () =>
  [...w.store.values.keys()].filter((key) => /^(channels\.|queue_channels)/.test(key)).sort();

test("a removed link leaves nothing of messages, files, reactions, edits, deletions and threads of both sides", async () => {
  w = new ChannelsWorld();
  w.node();
  const early = await w.post(w.admin.user, "before the link");
  await w.clock.pass(1_000);
  expect(stored()).toEqual([]);
  const link = await w.link();
  const ben = w.teamsPerson("ben");
  const file = putFile(w.mattermost, w.channel.Id, "a.txt", new Uint8Array([1]));
  const root = await w.post(w.admin.user, "root", { FileIds: [file.Id] });
  await w.post(w.mattermostPerson("ann"), "answer", { RootId: early.Id });
  await w.settle();
  const said = w.channels.say(w.teamsChannel, ben, { html: "<p>said</p>" });
  const gone = w.channels.say(w.teamsChannel, w.admin.person, { html: "<p>gone</p>" });
  const long = await w.post(w.admin.user, "x".repeat(12_000));
  await w.settle(20);
  w.edit(root, "edited");
  w.edit(long, "short");
  w.react(w.admin.user, root, "tada");
  w.channels.edit(w.teamsChannel, said.id, { html: "<p>better</p>" });
  w.channels.remove(w.teamsChannel, gone.id);
  await w.settle(20);
  w.channels.restore(w.teamsChannel, gone.id, "<p>back</p>");
  await w.settle(20);
  expect(stored().length).toBeGreaterThan(10);
  await removeLink(room(), link, w.admin.user.Id);
  await w.settle();
  expect(stored()).toEqual([]);
  expect(w.posts.length).toBeGreaterThan(4);
});

test("a removed link with more pairs than one list holds leaves nothing, in a cloud without edits", async () => {
  w = new ChannelsWorld();
  w.channels.edits = false;
  w.node();
  const link = await w.link();
  const post = await w.post(w.admin.user, "one");
  await w.settle();
  w.edit(post, "two");
  await w.settle();
  const ben = w.teamsPerson("ben");
  for (let number = 0; number < 230; number += 1)
    w.channels.say(w.teamsChannel, ben, { html: `<p>${number}</p>` });
  await w.settle(60);
  expect(w.posts).toHaveLength(231);
  expect(stored().filter((key) => key.startsWith("channels.index."))).toHaveLength(2);
  await removeLink(room(), link, w.admin.user.Id);
  await w.settle();
  expect(stored()).toEqual([]);
});

test("a link that is removed while messages wait on both sides leaves nothing, and they are not copied", async () => {
  w = new ChannelsWorld();
  w.node();
  const link = await w.link();
  w.intercept = (method) => (method === "GET" ? null : new Response("", { status: 503 }));
  for (const text of ["one", "two", "three"]) await w.post(w.admin.user, text);
  await w.settle();
  const { waiting } = w.nodes[0]?.engine.queue.state ?? {};
  expect(waiting).toBe(3);
  await removeLink(room(), link, w.admin.user.Id);
  w.intercept = () => null;
  await w.clock.pass(5 * MINUTE);
  expect(stored()).toEqual([]);
  expect(w.messages).toEqual([]);
});

test("a link that is removed on a node that does not work the queue: the other node clears the rest", async () => {
  w = new ChannelsWorld();
  w.node();
  const link = await w.link();
  await w.post(w.admin.user, "one");
  await w.settle();
  const other = w.node();
  await w.clock.pass(1_000);
  await removeLink(other.engine.room, link, w.admin.user.Id);
  await w.post(w.admin.user, "two");
  await w.clock.pass(5 * MINUTE);
  expect(stored()).toEqual([]);
  expect(w.messages).toHaveLength(1);
});

test("a process that dies while it clears a removed link: the next one continues", async () => {
  w = new ChannelsWorld();
  w.node();
  const link = await w.link();
  await w.post(w.admin.user, "one");
  await w.settle();
  w.store.before = (call, key) => {
    if (call === "delete" && key.startsWith("channels.pair.")) throw new Error("the store is away");
  };
  await removeLink(room(), link, w.admin.user.Id);
  await w.settle();
  expect(stored()).toContain("channels.ended");
  w.store.before = () => {};
  await w.clock.pass(5 * MINUTE);
  expect(stored()).toEqual([]);
});

test("linked again, a channel continues its old threads, and nothing is copied twice", async () => {
  w = new ChannelsWorld();
  w.node();
  const link = await w.link();
  const ben = w.teamsPerson("ben");
  const root = w.channels.say(w.teamsChannel, ben, { html: "<p>root</p>" });
  await w.settle();
  const [copy] = w.posts;
  await w.post(w.admin.user, "of Cy");
  await w.settle();
  await removeLink(room(), link, w.admin.user.Id);
  await w.clock.pass(MINUTE);
  await w.link({ days: 2 });
  await w.clock.pass(2 * MINUTE);
  await w.post(w.admin.user, "reply", { RootId: copy?.Id ?? "" });
  await w.settle();
  const shown = w.posts.map(({ Message }) => Message.split("\n").at(-1));
  expect(shown.sort()).toEqual(["of Cy", "reply", "root"]);
  expect(w.messages).toHaveLength(3);
  expect(w.messages.at(-1)?.replyToId).toBe(root.id);
});
