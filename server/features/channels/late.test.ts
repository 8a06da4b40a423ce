/** Tests events that arrive late, in another order, or after a process died. */

import { afterEach, expect, test } from "bun:test";
import type { Post } from "../../runtime/mattermost/index.ts";
import type { ChannelLink } from "./links/link-store.ts";
import { ChannelsWorld } from "./testing/channels-world.ts";
import { wishOf } from "./to-mattermost/changes.ts";

let w: ChannelsWorld;
let link: ChannelLink;
const begin = async () => {
  w = new ChannelsWorld();
  w.node();
  link = await w.link();
};
afterEach(() => w.stop());

const MINUTE = 60_000;
const texts = () => w.posts.map(({ Message }) => Message.split("\n").at(-1));
const fill = async () => {
  const work = { signal: new AbortController().signal, turn: async () => true };
  await w.nodes[0]?.engine.listener.fillGap(wishOf(link), { from: 0, to: w.clock.now() }, work);
};

test("a post that was deleted while its call was in progress delays none of its author's messages", async () => {
  await begin();
  w.lose = (method, path) => method === "POST" && path.endsWith("/messages");
  const post = await w.post(w.admin.user, "oops");
  await w.clock.pass(200);
  w.lose = () => false;
  w.remove(post);
  await w.settle(10);
  expect(w.messages).toEqual([]);
  w.channels.say(w.teamsChannel, w.admin.person, { html: "<p>next</p>" });
  await w.settle(10);
  expect(texts()).toEqual(["next"]);
});

test("an outage of the calls that write does not delay messages that the same person writes in Teams", async () => {
  await begin();
  w.intercept = (method) => (method === "GET" ? null : new Response("", { status: 503 }));
  await w.post(w.admin.user, "waiting");
  await w.settle();
  await w.clock.pass(5 * MINUTE);
  w.channels.say(w.teamsChannel, w.admin.person, { html: "<p>said</p>" });
  await w.clock.pass(15 * MINUTE);
  await w.settle();
  expect(texts()).toContain("said");
});

test("a deletion that comes after the report that it was undone changes nothing", async () => {
  await begin();
  const ben = w.teamsPerson("ben");
  const message = w.channels.say(w.teamsChannel, ben, { html: "<p>one</p>" });
  await w.settle();
  await w.clock.pass(MINUTE);
  w.channels.remove(w.teamsChannel, message.id);
  await w.clock.pass(MINUTE);
  w.channels.restore(w.teamsChannel, message.id, "<p>one, back</p>");
  w.pending.reverse();
  await w.settle();
  expect(texts()).toEqual(["one, back"]);
});

test("a message deleted here and brought back in Teams by its author is a post again, with its present text", async () => {
  await begin();
  const post = await w.post(w.admin.user, "one");
  await w.settle();
  const id = w.messages[0]?.id ?? "";
  w.remove(post);
  await w.settle();
  expect(w.messages).toEqual([]);
  await w.clock.pass(MINUTE);
  w.channels.restore(w.teamsChannel, id, "<p>one, back</p>");
  await w.settle();
  expect(texts()).toEqual(["one, back"]);
  expect(w.posts[0]?.UserId).toBe(w.admin.user.Id);
  w.edit(w.posts[0] as Post, "one, back and edited");
  await w.settle();
  expect(w.messages[0]?.body.content).toContain("back and edited");
});

test("a reply to a restored root is placed under it, even when it comes before the report", async () => {
  await begin();
  const ben = w.teamsPerson("ben");
  const root = w.channels.say(w.teamsChannel, ben, { html: "<p>root</p>" });
  await w.settle();
  w.channels.remove(w.teamsChannel, root.id);
  await w.settle();
  await w.clock.pass(MINUTE);
  w.channels.restore(w.teamsChannel, root.id, "<p>root, back</p>");
  w.channels.say(w.teamsChannel, ben, { html: "<p>reply</p>", replyTo: root.id });
  w.pending.reverse();
  await w.settle();
  expect(texts()).toEqual(["root, back", "reply"]);
  expect(w.posts[1]?.RootId).toBe(w.posts[0]?.Id ?? "x");
});

test("a late state from before the deletion restores nothing", async () => {
  await begin();
  const post = await w.post(w.admin.user, "one");
  await w.settle();
  w.channels.react(w.teamsChannel, w.messages[0]?.id ?? "", w.teamsPerson("ben"), "👍");
  const late = w.pending.splice(0);
  w.remove(post);
  await w.settle();
  w.pending.push(...late);
  await w.settle();
  await fill();
  await w.settle();
  expect(w.posts).toEqual([]);
  expect(w.messages).toEqual([]);
});

test("after a restart, older messages that Microsoft repeats are copied before newer ones that it delivers first", async () => {
  await begin();
  const ben = w.teamsPerson("ben");
  w.channels.say(w.teamsChannel, ben, { html: "<p>0</p>" });
  await w.settle();
  const [node] = w.nodes;
  const stopped = node?.engine.stop();
  await w.clock.pass(1_000);
  await stopped;
  w.nodes.splice(0);
  for (const text of ["1", "2", "3", "4"]) w.channels.say(w.teamsChannel, ben, { html: `<p>${text}</p>` });
  const [one, two, three, four] = w.pending.splice(0);
  if (!one || !two || !three || !four) throw new Error("no changes");
  w.node();
  for (const change of [three, one, four, two]) {
    w.pending.push(change);
    await w.flush();
    await w.clock.pass(500);
  }
  await w.settle();
  expect(texts()).toEqual(["0", "1", "2", "3", "4"]);
});

test("after a restart, a message that the dead process had accepted is copied after older ones that it had not", async () => {
  await begin();
  const ben = w.teamsPerson("ben");
  w.channels.say(w.teamsChannel, ben, { html: "<p>0</p>" });
  await w.settle();
  for (const text of ["1", "2", "3"]) w.channels.say(w.teamsChannel, ben, { html: `<p>${text}</p>` });
  const [one, two, three] = w.pending.splice(0);
  if (!one || !two || !three) throw new Error("no changes");
  const [node] = w.nodes;
  w.pending.push(three);
  // It is in the queue, and its content was only in the memory of this process.
  const flushed = w.flush();
  const stopped = node?.engine.stop();
  await flushed;
  await w.clock.pass(1_000);
  await stopped;
  expect(texts()).toEqual(["0"]);
  w.nodes.splice(0);
  w.node();
  await w.clock.pass(60_000);
  w.pending.push(one, two);
  await w.settle();
  expect(texts()).toEqual(["0", "1", "2", "3"]);
});
test("after a restart that begins with a deletion, older messages are still copied", async () => {
  await begin();
  const ben = w.teamsPerson("ben");
  const gone = w.channels.say(w.teamsChannel, ben, { html: "<p>gone</p>" });
  await w.settle();
  const [node] = w.nodes;
  const stopped = node?.engine.stop();
  await w.clock.pass(1_000);
  await stopped;
  w.nodes.splice(0);
  w.channels.say(w.teamsChannel, ben, { html: "<p>kept</p>" });
  const last = w.channels.say(w.teamsChannel, ben, { html: "<p>last</p>" });
  w.channels.remove(w.teamsChannel, gone.id);
  w.channels.remove(w.teamsChannel, last.id);
  const [, , , deletion] = w.pending.splice(0);
  if (!deletion) throw new Error("no change");
  w.node();
  w.pending.push(deletion);
  await w.settle();
  expect(texts()).toContain("kept");
});

test("Graph's timestamps are compared as times: it omits trailing zeros", async () => {
  await begin();
  const message = w.channels.say(w.teamsChannel, w.teamsPerson("ben"), { html: "<p>one</p>" });
  const [created] = w.pending.splice(0);
  if (!created) throw new Error("no change");
  const at = (lastModifiedDateTime: string, content: string) => ({
    ...created,
    data: { ...created.data, lastModifiedDateTime, etag: content, body: { contentType: "html", content } },
  });
  w.pending.push(at("2026-11-28T09:00:10Z", "<p>one</p>"));
  await w.settle();
  w.pending.push(at("2026-11-28T09:00:10.5Z", "<p>two</p>"));
  await w.settle();
  expect(texts()).toEqual(["two"]);
  w.pending.push(at("2026-11-28T09:00:10.49Z", "<p>older</p>"));
  await w.settle();
  expect(texts()).toEqual(["two"]);
  expect(message.id).toBeString();
});

test("a reply to a root whose post is being created is placed under it", async () => {
  await begin();
  const root = w.channels.say(w.teamsChannel, w.teamsPerson("ben"), { html: "<p>root</p>" });
  let broken = true;
  w.store.before = (call, key) => {
    if (broken && call === "compareAndSet" && key.startsWith("channels.pair.m.")) throw new Error("away");
  };
  await w.flush();
  await w.clock.pass(300);
  expect(texts()).toEqual(["root"]);
  await w.post(w.admin.user, "reply", { RootId: w.posts[0]?.Id ?? "" }).catch(() => {});
  broken = false;
  await w.settle(30);
  expect(w.messages.map(({ replyToId }) => replyToId)).toEqual([null, root.id]);
  expect(texts()).toEqual(["root", "reply"]);
});

test("reactions that no hook reported are copied to Teams, added and removed, and only those", async () => {
  await begin();
  const dora = w.both("dora");
  const post = await w.post(w.admin.user, "party");
  await w.settle();
  w.react(dora.user, post, "+1");
  await w.settle();
  w.unhook("node-1");
  w.react(w.admin.user, post, "tada");
  w.react(dora.user, post, "+1", false);
  w.react(w.mattermostPerson("ann"), post, "tada");
  await w.clock.pass(12 * MINUTE);
  expect(w.messages[0]?.reactions.map(({ reactionType, user }) => [reactionType, user?.user.id])).toEqual([
    ["🎉", w.admin.person.objectId],
  ]);
});

test("a reaction added while its post waits is sent after it", async () => {
  await begin();
  let away = true;
  w.intercept = (method) => (away && method === "POST" ? new Response("", { status: 503 }) : null);
  const post = await w.post(w.admin.user, "party");
  w.react(w.admin.user, post, "tada");
  await w.settle();
  away = false;
  await w.clock.pass(5 * MINUTE);
  expect(w.messages[0]?.reactions).toHaveLength(1);
});

test("replies to a post that Teams refused quote it, and do not retry it", async () => {
  await begin();
  let refuse = true;
  w.intercept = (method, path) =>
    refuse && method === "POST" && path.endsWith("/messages")
      ? Response.json({ error: { code: "Forbidden" } }, { status: 403 })
      : null;
  const root = await w.post(w.admin.user, "root");
  await w.settle();
  refuse = false;
  for (const text of ["one", "two"]) await w.post(w.admin.user, text, { RootId: root.Id });
  await w.settle(10);
  expect(w.notes(w.admin.user)).toHaveLength(1);
  expect(w.messages).toHaveLength(2);
  expect(w.messages[0]?.body.content).toContain("root");
  expect(w.messages[1]?.replyToId).toBe(w.messages[0]?.id ?? "");
  await w.press(w.admin.user, w.notes(w.admin.user)[0] as Post);
  await w.settle(10);
  expect(w.messages).toHaveLength(3);
});
