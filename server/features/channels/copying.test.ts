/** Tests both directions of a link, as people see them. */

import { describe, expect, test } from "bun:test";
import type { Post } from "../../runtime/mattermost/index.ts";
import { ChannelsWorld } from "./testing/channels-world.ts";
import { begin, openLink, use, w } from "./testing/one-link.ts";

openLink();

const actionsOf = (post: Post | undefined) =>
  ((post?.Props.attachments ?? []) as { actions: { id: string }[] }[]).flatMap(({ actions }) =>
    actions.map(({ id }) => id),
  );
const htmlOf = (index: number) => w.messages[index]?.body.content ?? "";

describe("from Mattermost", () => {
  test("a post of a connected person is sent as them, once", async () => {
    await begin();
    await w.post(w.admin.user, "**hello** from here");
    await w.settle();
    expect(w.messages).toHaveLength(1);
    expect(htmlOf(0)).toContain("<strong>hello</strong> from here");
    expect(w.messages[0]?.from).toMatchObject({ user: { id: w.admin.person.objectId } });
    expect(w.posts).toHaveLength(1);
  });

  test("a post of anybody else is sent by the bot account, with the name in front", async () => {
    await begin();
    const ann = w.mattermostPerson("ann", { FirstName: "Ann", LastName: "Ex" });
    await w.post(ann, "hello");
    await w.settle();
    expect(w.messages[0]?.from).toMatchObject({ user: { id: w.botPerson.objectId } });
    expect(htmlOf(0)).toMatch(/^<p><strong>Ann Ex<\/strong><\/p>.*hello/);
    expect(w.posts).toHaveLength(1);
  });

  test("a reply is placed under its root, and both are edited and deleted in place", async () => {
    await begin();
    const root = await w.post(w.admin.user, "root");
    await w.settle();
    const reply = await w.post(w.admin.user, "reply", { RootId: root.Id });
    await w.settle();
    expect(w.messages.map(({ replyToId }) => replyToId)).toEqual([null, w.messages[0]?.id ?? ""]);
    w.edit(reply, "another reply");
    await w.settle();
    expect(htmlOf(1)).toContain("another reply");
    expect(w.posts.map(({ Message }) => Message)).toEqual(["root", "another reply"]);
    w.remove(reply);
    await w.settle();
    expect(w.messages).toHaveLength(1);
  });

  test("twenty posts within one second keep their order, one a second", async () => {
    await begin();
    for (let number = 1; number <= 20; number += 1) await w.post(w.admin.user, `post ${number}`);
    const started = w.clock.now();
    await w.settle(60);
    expect(w.messages.map(({ body }) => Number(/post (\d+)/.exec(body.content)?.[1]))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    const last = Date.parse(w.messages.at(-1)?.createdDateTime ?? "");
    expect(last - started).toBeGreaterThanOrEqual(18_900);
  });

  test("a webhook's post is not sent as the person who created the webhook, but under its displayed name", async () => {
    await begin();
    const Props = { from_webhook: "true", override_username: "Build server" };
    await w.post(w.admin.user, "build is red", { Props });
    await w.settle();
    expect(w.messages[0]?.from).toMatchObject({ user: { id: w.botPerson.objectId } });
    expect(htmlOf(0)).toContain("<strong>Build server</strong>");
  });

  test("system posts, posts of the bot and other types are not sent", async () => {
    await begin();
    await w.post(w.admin.user, "joined", { Type: "system_join_channel" });
    await w.post(w.admin.user, "for your eyes", { Type: "burn_on_read" });
    await w.settle();
    expect(w.messages).toHaveLength(0);
  });

  test("a long post has parts that are edited and deleted as one", async () => {
    await begin();
    const long = Array.from({ length: 60 }, (_, index) => `${index} ${"x".repeat(250)}`).join("\n\n");
    const post = await w.post(w.admin.user, long);
    await w.settle(20);
    expect(w.messages.length).toBeGreaterThan(1);
    w.edit(post, "short now");
    await w.settle(20);
    expect(w.messages).toHaveLength(1);
    expect(htmlOf(0)).toContain("short now");
    w.edit(post, long);
    await w.settle(20);
    expect(w.messages.length).toBeGreaterThan(1);
    w.remove(post);
    await w.settle(20);
    expect(w.messages).toHaveLength(0);
  });

  test("files are uploaded to the channel's folder, and survive an edit", async () => {
    await begin();
    const info = await w.nodes[0]?.engine.room.ports.api.uploadFile(
      new Uint8Array([1, 2, 3]),
      w.channel.Id,
      "plan.txt",
    );
    const post = await w.post(w.admin.user, "see", { FileIds: [info?.Id ?? ""] });
    await w.settle();
    expect(w.messages[0]?.attachments).toMatchObject([{ contentType: "reference", name: "plan.txt" }]);
    w.edit(post, "see this");
    await w.settle();
    expect(htmlOf(0)).toContain("see this");
    expect(w.messages[0]?.attachments).toHaveLength(1);
    expect([...w.channels.drives.items.values()].map(({ bytes }) => [...bytes])).toEqual([[1, 2, 3]]);
  });

  test("mentions of connected people are real, names of others stay text", async () => {
    await begin();
    const dora = w.both("dora");
    w.mattermostPerson("erik");
    await w.post(w.admin.user, "@dora and @erik");
    await w.settle();
    expect(w.messages[0]?.mentions).toMatchObject([{ mentioned: { user: { id: dora.person.objectId } } }]);
    expect(htmlOf(0)).toContain("@erik");
  });

  test("a refusal of Teams is shown only to the author, with Try again", async () => {
    await begin();
    let refuse = true;
    w.intercept = (method, path) =>
      refuse && method === "POST" && path.endsWith("/messages")
        ? Response.json({ error: { code: "Forbidden" } }, { status: 403 })
        : null;
    await w.post(w.admin.user, "secret plan");
    await w.settle();
    const [note] = w.notes(w.admin.user);
    expect(note?.Message).toContain("was not copied");
    expect(note?.Message).not.toContain("secret plan");
    expect(actionsOf(note)).toEqual(["retry"]);
    expect(w.notices).toHaveLength(1);
    refuse = false;
    expect((await w.press(w.mattermostPerson("eve"), note as Post)).ok).toBe(false);
    expect((await w.press(w.admin.user, note as Post)).ok).toBe(true);
    await w.settle();
    expect(htmlOf(0)).toContain("secret plan");
  });

  test("without a connection and a bot account the author gets a message", async () => {
    await begin();
    w.botConnected = false;
    const ann = w.mattermostPerson("ann");
    await w.post(ann, "hello");
    await w.settle();
    expect(w.messages).toHaveLength(0);
    expect(w.notes(ann)[0]?.Message).toContain("/msteams connect");
  });

  test("a reply to a root from before the link quotes it and starts the thread", async () => {
    use(new ChannelsWorld());
    w.node();
    const root = await w.post(w.admin.user, "old words");
    await w.clock.pass(1_000);
    await w.link();
    await w.post(w.admin.user, "first reply", { RootId: root.Id });
    await w.post(w.admin.user, "second reply", { RootId: root.Id });
    await w.settle();
    expect(w.messages).toHaveLength(2);
    expect(htmlOf(0)).toContain("old words");
    expect(w.messages[1]?.replyToId).toBe(w.messages[0]?.id ?? "");
    w.channels.say(w.teamsChannel, w.admin.person, {
      html: "<p>from Teams</p>",
      replyTo: w.messages[0]?.id ?? "",
    });
    await w.settle();
    expect(w.posts.at(-1)).toMatchObject({ Message: "from Teams", RootId: root.Id });
  });
});

describe("reactions", () => {
  test("are copied both ways, once, and can be taken back", async () => {
    await begin();
    const ben = w.teamsPerson("ben");
    const post = await w.post(w.admin.user, "party");
    await w.settle();
    const id = w.messages[0]?.id ?? "";
    w.react(w.admin.user, post, "tada");
    w.channels.react(w.teamsChannel, id, ben, "👍");
    await w.settle();
    expect(w.messages[0]?.reactions.map(({ reactionType }) => reactionType).sort()).toEqual(
      ["🎉", "👍"].sort(),
    );
    const names = () => (w.mattermost.reactions.get(post.Id) ?? []).map(({ EmojiName }) => EmojiName).sort();
    expect(names()).toEqual(["+1", "tada"]);
    w.react(w.admin.user, post, "tada", false);
    w.channels.unreact(w.teamsChannel, id, ben, "👍");
    await w.settle();
    expect(names()).toEqual([]);
    expect(w.messages[0]?.reactions).toEqual([]);
  });

  test("of people without a connection, and custom ones, are not sent", async () => {
    await begin();
    const ann = w.mattermostPerson("ann");
    const post = await w.post(w.admin.user, "party");
    await w.settle();
    w.react(ann, post, "tada");
    w.react(w.admin.user, post, "company_logo");
    await w.settle();
    expect(w.messages[0]?.reactions).toEqual([]);
  });
});
