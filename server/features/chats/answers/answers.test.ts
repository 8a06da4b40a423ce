/** Tests answers from Mattermost to Teams. */

import { describe, expect, test } from "bun:test";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { begin, ben, cy, isSent, node, openAnswers, root, sent, world } from "../testing/answering.ts";

openAnswers();

describe("an answer in the thread", () => {
  test("is sent to the chat as the member: the first one quotes, the next ones do not, without a notice", async () => {
    await world.reply(node, cy, root, "yes, **gladly**");
    await isSent(1);
    await world.reply(node, cy, root, "at 12?");
    await isSent(2);
    expect(world.teams.sent).toMatchObject([
      { chatId: root.Props.teams_chat_id, by: cy.person.objectId, quoted: [root.Props.teams_message_id] },
      { by: cy.person.objectId, quoted: [] },
    ]);
    expect(sent()).toEqual(["<p>yes, <strong>gladly</strong></p>", "<p>at 12?</p>"]);
    await world.clock.pass(1_000);
    expect(world.posts(cy)).toHaveLength(1);
  });

  test("comes back as a notification and makes no post for its author", async () => {
    await world.reply(node, cy, root, "yes");
    await isSent(1);
    const echo = world.teams.sent[0]?.message;
    if (echo) await world.change(node, echo);
    expect(world.posts(cy)).toHaveLength(1);
  });

  test("is posted to another connected member of the chat", async () => {
    const dora = world.member("dora");
    const chat = world.teams.group(
      [ben, cy.person, dora.person].map(({ objectId }) => objectId),
      "Team",
    );
    await world.write(node, chat, ben, "<p>hi</p>");
    await world.reply(node, cy, world.posts(cy)[1] as Post, "hello");
    await isSent(1);
    const echo = world.teams.sent[0]?.message;
    if (echo) await world.change(node, echo);
    expect(world.texts(dora)[1]).toContain("**Cy** wrote to you");
  });

  test("continues the conversation in that thread", async () => {
    await world.reply(node, cy, root, "yes");
    await isSent(1);
    const chat = world.teams.direct(ben.objectId, cy.person.objectId);
    await world.write(node, chat, ben, "<p>good</p>");
    expect(world.posts(cy)[1]).toMatchObject({ RootId: root.Id });
    await world.clock.pass(9 * 3_600_000);
    await world.write(node, chat, ben, "<p>tomorrow?</p>");
    expect(world.posts(cy)[2]).toMatchObject({ RootId: "" });
  });

  test("twenty in a row keep their order", async () => {
    const texts = Array.from({ length: 20 }, (_, at) => `part ${at}`);
    await Promise.all(texts.map((text) => world.reply(node, cy, root, text)));
    await isSent(20);
    expect(sent()).toEqual(texts.map((text) => `<p>${text}</p>`));
  });

  test("to a message that was deleted meanwhile is sent without the quote", async () => {
    world.teams.all.get(String(root.Props.teams_chat_id))?.messages.clear();
    await world.reply(node, cy, root, "yes");
    await isSent(1);
    expect(world.teams.sent[0]?.quoted).toEqual([]);
  });

  test("longer than Teams accepts is sent in parts, in order", async () => {
    await world.reply(
      node,
      cy,
      root,
      Array.from({ length: 1_200 }, (_, at) => `line ${at} ${"x".repeat(30)}`).join("\n\n"),
    );
    await world.until("the last part", () => sent().at(-1)?.includes("line 1199 ") === true);
    const lines = sent().flatMap((html) => [...html.matchAll(/line (\d+) /g)].map(([, at]) => Number(at)));
    expect(sent().length).toBeGreaterThan(1);
    expect(lines).toEqual(Array.from({ length: 1_200 }, (_, at) => at));
  });
});

describe("a post that is not an answer", () => {
  const cases: Record<string, (post: Post) => Partial<Post>> = {
    "a message outside a thread": () => ({ RootId: "" }),
    "a post of the bot": () => ({
      UserId: world.mattermost.userByUsername("mission-collaboration")?.Id ?? "",
    }),
    "a post in another channel": () => ({ ChannelId: "elsewhere" }),
  };
  for (const [name, change] of Object.entries(cases)) {
    test(`${name} is not sent`, async () => {
      const post = world.mattermost.putPost({
        ...{ UserId: cy.user.Id, ChannelId: root.ChannelId, RootId: root.Id, Message: "secret" },
        ...change(root),
      });
      await node.chats.posted(post).catch(() => {});
      await world.clock.pass(1_000);
      expect(world.teams.sent).toEqual([]);
    });
  }

  test("a thread under somebody else's post with the same props is not sent", async () => {
    const forged = world.mattermost.putPost({
      ...{ UserId: cy.user.Id, ChannelId: root.ChannelId, Message: "x", Props: { ...root.Props } },
    });
    await world.reply(node, cy, forged, "secret");
    await world.clock.pass(1_000);
    expect(world.teams.sent).toEqual([]);
  });
});

describe("when answers are switched off", () => {
  test("the thread says how to answer, once", async () => {
    await world.stop();
    await begin({ chats_reply: false });
    await world.reply(node, cy, root, "yes");
    await world.reply(node, cy, root, "hello?");
    const [, how, ...more] = world.posts(cy);
    expect(how).toMatchObject({ RootId: root.Id });
    expect(how?.Message).toContain("[Answer in Teams](https://teams.test/l/message/");
    expect(more).toEqual([]);
    expect(world.teams.sent).toEqual([]);
  });
});

describe("a reaction on the post", () => {
  const react = (EmojiName: string, isRemoved = false) =>
    node.chats.reacted({ UserId: cy.user.Id, PostId: root.Id, EmojiName } as never, isRemoved);
  const reactions = () =>
    world.teams.all.get(String(root.Props.teams_chat_id))?.messages.get(String(root.Props.teams_message_id))
      ?.reactions;

  test("is added in Teams as the member, and removed again", async () => {
    await react("tada");
    await world.until("the reaction", () => reactions()?.length === 1);
    expect(reactions()).toEqual([{ reactionType: "🎉", user: { user: { id: cy.person.objectId } } }]);
    await react("tada", true);
    await world.until("no reaction", () => reactions()?.length === 0);
  });

  test("with a custom emoji is ignored", async () => {
    await react("our_logo");
    await world.clock.pass(5_000);
    expect(reactions()).toEqual([]);
    expect(world.posts(cy)).toHaveLength(1);
  });
});
