/** Tests that messages from Teams are posted in the order in which they were written, whichever arrives first. */

import { afterEach, expect, test } from "bun:test";
import type { SentChange } from "../../../../e2e/sandbox/graph/changes.ts";
import { ChannelsWorld } from "../testing/channels-world.ts";

let w: ChannelsWorld;
const begin = async () => {
  w = new ChannelsWorld();
  w.node();
  await w.link();
};
afterEach(() => w.stop());

const texts = () => w.posts.map(({ Message }) => Message.split("\n").at(-1));
async function say(text: string, replyTo?: string): Promise<string> {
  await w.clock.pass(7);
  const html = `<p>${text}</p>`;
  const message = w.channels.say(w.teamsChannel, w.admin.person, { html, ...(replyTo ? { replyTo } : {}) });
  return message.id;
}

test("messages that come in another order and wait: the oldest is posted first", async () => {
  await begin();
  w.apiFault = (method) => (method === "createPost" ? new Error("the server restarts") : undefined);
  for (const text of ["one", "two", "three"]) await say(text);
  const [one, two, three] = w.pending.splice(0) as [SentChange, SentChange, SentChange];
  for (const change of [three, one, two]) await w.report(change);
  await w.clock.pass(100);
  w.apiFault = () => undefined;
  await w.settle(30);
  // The first was taken before the others came.
  expect(texts()).toEqual(["one", "two", "three"]);
});

test("a message whose notification is on its way is waited for, in the channel and in a thread", async () => {
  await begin();
  const root = await say("root");
  await w.settle();
  for (const replyTo of [undefined, root]) {
    const before = w.posts.length;
    await say("older", replyTo);
    await say("newer", replyTo);
    const [older, newer] = w.pending.splice(0) as [SentChange, SentChange];
    const arriving = Promise.withResolvers<void>();
    w.older = () => arriving.promise;
    await w.report(newer);
    await w.clock.pass(100);
    expect(w.posts).toHaveLength(before);
    await w.report(older);
    w.older = async () => {};
    arriving.resolve();
    await w.clock.pass(100);
    expect(texts().slice(before)).toEqual(["older", "newer"]);
  }
});

test("an edit that comes before its message does not bring it before older ones", async () => {
  await begin();
  await say("older");
  const id = await say("newer");
  await w.clock.pass(7);
  w.channels.edit(w.teamsChannel, id, { html: "<p>newer, edited</p>" });
  const [older, newer, edit] = w.pending.splice(0) as [SentChange, SentChange, SentChange];
  const arriving = Promise.withResolvers<void>();
  w.older = () => arriving.promise;
  await w.report(edit);
  await w.clock.pass(50);
  await w.report(older);
  w.older = async () => {};
  arriving.resolve();
  await w.report(newer);
  await w.settle();
  expect(texts()).toEqual(["older", "newer, edited"]);
});

test("a single message is posted at once", async () => {
  await begin();
  await say("hello");
  await w.flush();
  await w.clock.pass(1);
  expect(texts()).toEqual(["hello"]);
});
