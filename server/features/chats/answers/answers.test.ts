/** Tests answers from Mattermost to Teams. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { hash } from "../../../platform/store/sharded-map.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { ChatsWorld, type Member, Microsoft, type Node, SCOPES } from "../testing/chats-world.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());

let world: ChatsWorld;
let node: Node;
let cy: Member;
let ben: ReturnType<ChatsWorld["stranger"]>;
let root: Post;

async function begin(settings: Record<string, unknown> = {}): Promise<void> {
  world = new ChatsWorld(microsoft, settings);
  node = world.node();
  world.run(node);
  cy = world.member("cy");
  ben = world.stranger("Ben Baker");
  await world.write(node, world.teams.direct(ben.objectId, cy.person.objectId), ben, "<p>lunch?</p>");
  root = world.posts(cy)[0] as Post;
}
beforeEach(() => begin());
afterEach(() => world.stop());

const sent = () => world.teams.sent.map(({ message }) => message.body.content);
const isSent = (count: number) =>
  world.until(`${count} messages sent`, () => world.teams.sent.length === count);
const isTold = () => world.until("a notice", () => world.posts(cy).length > 1);

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

  test("comes back as a notification, which makes no post for its author", async () => {
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

describe("what is not an answer", () => {
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

describe("a failure", () => {
  test("is shown with its reason and a button that sends the answer", async () => {
    microsoft.graph.setFaults({ status: 403, failPath: "/messages" });
    await world.reply(node, cy, root, "yes");
    await isTold();
    const notice = world.posts(cy)[1] as Post;
    expect(notice).toMatchObject({ RootId: root.Id });
    expect(notice.Message).toBe(
      "⚠️ This was not sent to Teams: Microsoft 365 does not let you write in this chat.",
    );
    microsoft.graph.healthy();
    expect((await world.press(node, cy, notice, "retry")).ok).toBe(true);
    await isSent(1);
    expect(sent()).toEqual(["<p>yes</p>"]);
    await world.until("the notice to go", () => world.posts(cy).length === 1);
  });

  const stores: [string, (key: string) => Promise<() => Promise<unknown>>][] = [
    [
      "while the store is down",
      async () => {
        const { store } = world;
        const write = store.compareAndSet.bind(store);
        store.compareAndSet = (key, ...rest) =>
          key.startsWith("queue_") ? Promise.reject(new Error("down")) : write(key, ...rest);
        return async () => {
          store.compareAndSet = write;
        };
      },
    ],
    [
      "while too many wait",
      async (key) => {
        const value = { kind: "message", post: "p", root: "r", chat: "c", user: "u", files: [] };
        const entries = Array.from({ length: 10_000 }, (_, at) => ({
          ...{ id: `${at}`, key: `${at}`, at: world.clock.now(), rev: 0, tries: 0, value },
        }));
        await world.store.set(key, JSON.stringify({ v: 1, entries }));
        return () => world.store.delete(key);
      },
    ],
  ];
  for (const [name, fail] of stores)
    test(`to store it, ${name}, is shown at once, and the button tries again`, async () => {
      const partition = hash(`${cy.user.Id} ${root.Props.teams_chat_id}`) % 8;
      const mend = await fail(`queue_chats_answers_${partition}`);
      await world.reply(node, cy, root, "yes");
      await isTold();
      const notice = world.posts(cy)[1] as Post;
      expect(notice.RootId).toBe(root.Id);
      expect(notice.Message).toBe("⚠️ This was not sent to Teams: too many answers are waiting.");
      await mend();
      expect((await world.press(node, cy, notice, "retry")).ok).toBe(true);
      await isSent(1);
      expect(sent()).toEqual(["<p>yes</p>"]);
      await world.until("the notice to go", () => world.posts(cy).length === 1);
    });

  test("for missing consent says how to consent", async () => {
    await world.stop();
    await begin();
    world.connect(
      cy,
      SCOPES.filter((one) => one !== "ChatMessage.Send"),
    );
    await world.reply(node, cy, root, "yes");
    await isTold();
    expect(world.texts(cy)[1]).toContain("has not agreed to it yet. [Connect again](");
  });

  test("of a lost connection offers to connect again", async () => {
    world.lose(cy);
    await world.reply(node, cy, root, "yes");
    await isTold();
    expect(world.texts(cy)[1]).toContain("is not connected. [Connect](");
  });

  test("a second failure updates the notice and posts no other", async () => {
    microsoft.graph.setFaults({ status: 403, failPath: "/messages" });
    await world.reply(node, cy, root, "yes");
    await isTold();
    microsoft.graph.setFaults({ status: 413, failPath: "/messages" });
    await world.press(node, cy, world.posts(cy)[1] as Post, "retry");
    await world.until("the other reason", () => world.texts(cy)[1]?.includes("too large") === true);
    expect(world.posts(cy)).toHaveLength(2);
  });

  for (const status of [429, 503]) {
    test(`${status} for a while is retried, without a notice`, async () => {
      microsoft.graph.setFaults({ status, retryAfter: 5, failPath: "/messages" });
      await world.reply(node, cy, root, "yes");
      await world.until("a try", () => world.asked.some((one) => one.includes("replyWithQuote")));
      await world.clock.pass(20_000);
      expect([world.teams.sent.length, world.posts(cy).length]).toEqual([0, 1]);
      microsoft.graph.healthy();
      await world.clock.pass(70_000);
      await isSent(1);
      expect(world.posts(cy)).toHaveLength(1);
    });
  }

  test("for an hour is given up, with a notice", async () => {
    microsoft.graph.setFaults({ status: 503, failPath: "/messages" });
    await world.reply(node, cy, root, "yes");
    await world.until("a try", () => world.asked.some((one) => one.includes("replyWithQuote")));
    world.clock.jumpTo(world.clock.now() + 3_700_000);
    await world.clock.pass(70_000);
    await isTold();
    expect(world.texts(cy)[1]).toContain("could not be reached for an hour");
  });

  test("an answer whose confirmation was lost is sent once", async () => {
    let lost = false;
    await world.stop();
    const cut = world.node(world.store, world.api, async (url, init) => {
      const response = await world.fetch(url, init);
      if (lost || !String(url).includes("/replyWithQuote")) return response;
      lost = true;
      throw new TypeError("connection reset");
    });
    world.run(cut);
    await world.reply(cut, cy, root, "yes");
    await world.until("a lost answer", () => lost);
    await world.clock.pass(60_000);
    await world.until("a look", () =>
      world.asked.some((one) => one.startsWith("GET") && one.endsWith("/messages")),
    );
    await world.clock.pass(60_000);
    expect(sent()).toEqual(["<p>yes</p>"]);
  });
});

describe("files of an answer", () => {
  const upload = async (name: string, size: number) =>
    (await world.api.uploadFile(new Uint8Array(size).fill(7), root.ChannelId, name))?.Id ?? "";

  test("are uploaded to the author's OneDrive, shared with the others, and attached to the message", async () => {
    await world.reply(node, cy, root, "see", [await upload("plan.pdf", 2_000)]);
    await isSent(1);
    const [item] = microsoft.graph.drives.items.values();
    expect(item).toMatchObject({ name: "plan.pdf", ownerId: cy.person.objectId, size: 2_000 });
    expect(microsoft.graph.drives.invitations).toMatchObject([
      { recipients: [ben.objectId.toLowerCase()], roles: ["read"] },
    ]);
    expect(world.teams.sent[0]?.message.attachments).toMatchObject([
      { contentType: "reference", name: "plan.pdf", contentUrl: item?.webUrl },
    ]);
  });

  test("without text are a message", async () => {
    await world.reply(node, cy, root, "", [await upload("plan.pdf", 10)]);
    await isSent(1);
    expect(sent()[0]).toStartWith("<attachment id=");
  });

  test("of an Office program have an address with the same extension as the name", async () => {
    await world.reply(node, cy, root, "see", [await upload("plan.docx", 10)]);
    await isSent(1);
  });

  test("larger than 4 MB are uploaded in ranges, without a token", async () => {
    await world.reply(node, cy, root, "see", [await upload("film.mp4", 9 * 1024 * 1024)]);
    await isSent(1);
    expect([...microsoft.graph.drives.items.values()][0]?.size).toBe(9 * 1024 * 1024);
  });

  test("of the same name are both kept", async () => {
    await world.reply(node, cy, root, "see", [await upload("a.txt", 1), await upload("a.txt", 2)]);
    await isSent(1);
    expect([...microsoft.graph.drives.items.values()].map(({ name }) => name)).toEqual(["a.txt", "a 1.txt"]);
  });

  test("that are larger than the limit are named, and the text is sent", async () => {
    await world.stop();
    await begin({ chats_max_file_size_mb: 1 });
    await world.reply(node, cy, root, "see", [await upload("big.bin", 2 * 1024 * 1024)]);
    await isSent(1);
    await isTold();
    expect(world.texts(cy)[1]).toContain("these files could not be uploaded: `big.bin`.");
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
