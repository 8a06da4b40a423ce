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

for (const author of ["author", "bot account"])
  test(`an edit keeps the quote of a root that Teams does not have, written by the ${author}`, async () => {
    w = new ChannelsWorld();
    w.node();
    const root = await w.post(w.admin.user, "root from before");
    await w.clock.pass(1_000);
    await w.link();
    const user = author === "author" ? w.admin.user : w.mattermostPerson("ann");
    const reply = await w.post(user, "typo", { RootId: root.Id });
    await w.settle();
    const sent = w.messages[0]?.body.content ?? "";
    expect(sent).toContain("root from before");
    w.edit(reply, "no typo");
    await w.settle();
    expect(w.messages).toHaveLength(1);
    expect(w.messages[0]?.body.content).toBe(sent.replace("typo", "no typo"));
    // The second reply is in the thread that the first one started, and quotes nothing, also after an edit.
    const second = await w.post(user, "second", { RootId: root.Id });
    await w.settle();
    w.edit(second, "second, edited");
    await w.settle();
    expect(w.messages[1]?.body.content).not.toContain("root from before");
    expect(texts().at(-1)).toContain("second, edited");
  });

test("the quote stays when the answer to the first attempt was lost", async () => {
  w = new ChannelsWorld();
  w.node();
  const root = await w.post(w.admin.user, "root from before");
  await w.clock.pass(1_000);
  await w.link();
  w.lose = (method, path) => method === "POST" && path.endsWith("/messages");
  const reply = await w.post(w.admin.user, "typo", { RootId: root.Id });
  await w.clock.pass(100);
  w.lose = () => false;
  w.edit(reply, "no typo");
  await w.settle(20);
  expect(w.messages).toHaveLength(1);
  expect(w.messages[0]?.body.content).toContain("root from before");
  expect(texts()[0]).toContain("no typo");
});

test("where Teams has no edits, the line below does not repeat the quote", async () => {
  w = new ChannelsWorld();
  w.node();
  const root = await w.post(w.admin.user, "root from before");
  await w.clock.pass(1_000);
  await w.link();
  w.channels.edits = false;
  const reply = await w.post(w.admin.user, "typo", { RootId: root.Id });
  await w.settle();
  w.edit(reply, "no typo");
  await w.settle();
  expect(texts().at(-1)).toBe("Edited in Mattermost:no typo");
});
