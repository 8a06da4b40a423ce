import { describe, expect, test } from "bun:test";
import type { Post } from "../../runtime/mattermost/index.ts";
import { makeKeyValueStore } from "../../runtime/mattermost/kv.ts";
import { MemoryKv } from "../../runtime/mattermost/testing/kv.ts";
import { createBot } from "./bot.ts";
import { type Card, createCards, NONCE_PROP, type Press, type PressRequest } from "./cards.ts";
import { signContext, verifyContext } from "./signed-context.ts";

interface Button {
  readonly id: string;
  readonly integration: { readonly url: string; readonly context: { readonly token: string } };
}

function world() {
  let now = 1_000;
  let asked = 0;
  const posts = new Map<string, Post>();
  const api = {
    ensureBotUser: async () => {
      asked += 1;
      return "bot";
    },
    getDirectChannel: async (_bot: string, person: string) => ({ Id: `dm-${person}` }) as never,
    createPost: async (post: Partial<Post> | null) => {
      const created = { Props: {}, DeleteAt: 0, ...post, Id: `post${posts.size}` } as Post;
      posts.set(created.Id, created);
      return created;
    },
    updatePost: async (post: Partial<Post> | null) => {
      posts.set(post?.Id ?? "", post as Post);
      return post as Post;
    },
    getPost: async (id: string) => posts.get(id) ?? Promise.reject(new Error("not found")),
    sendEphemeralPost: async () => null,
  };
  const kv = new MemoryKv();
  const bot = createBot(api, { username: "mission", displayName: "Mission", description: "" });
  const node = () =>
    createCards({ api, kv: makeKeyValueStore(kv), bot, url: "/plugins/x/api/v1/cards", now: () => now });
  const cards = node();
  const pressed: Press[] = [];
  const handler = async (press: Press) => {
    pressed.push(press);
    return { ephemeral: "done" };
  };
  cards.handle("meeting", handler);
  const card: Card = {
    name: "meeting",
    text: "Come?",
    actions: [
      { id: "accept", label: "Yes", value: { event: "e1" } },
      { id: "decline", label: "No" },
    ],
  };

  async function send(to: string | null = "ana", from: Card = card) {
    const props = await cards.props(from, { userId: to, expiresAt: 5_000 });
    const post = await bot.direct("ana", { text: "", props });
    const buttons = (props.attachments as { actions: Button[] }[])[0]?.actions ?? [];
    const request = (id: string, change: Partial<PressRequest> = {}): PressRequest => ({
      user_id: "ana",
      post_id: post.Id,
      channel_id: post.ChannelId,
      trigger_id: "t",
      context: { token: buttons.find((button) => button.id === id)?.integration.context.token },
      ...change,
    });
    return { post, request };
  }
  return {
    cards,
    node,
    handler,
    kv,
    bot,
    posts,
    pressed,
    card,
    send,
    at: (time: number) => {
      now = time;
    },
    asked: () => asked,
  };
}

describe("a button press", () => {
  test("reaches the handler with the signed values", async () => {
    const { cards, send, pressed } = world();
    const { request, post } = await send();
    expect(await cards.press("ana", request("accept"))).toEqual({ ok: true, reply: { ephemeral: "done" } });
    expect(pressed).toMatchObject([
      { action: "accept", value: { event: "e1" }, userId: "ana", post: { Id: post.Id } },
    ]);
  });

  test("works on every node of the cluster, because the nodes share the key", async () => {
    const { node, handler, send, pressed } = world();
    const { request } = await send();
    const other = node();
    other.handle("meeting", handler);
    expect((await other.press("ana", request("decline"))).ok).toBe(true);
    expect(pressed).toHaveLength(1);
  });

  test("takes action, value and channel from the context and the post, whatever else the request says", async () => {
    const { cards, send, pressed } = world();
    const { request, post } = await send();
    const { token } = request("accept").context;
    const forged = { token, action: "decline", value: { event: "e2" }, userId: "ben" };
    await cards.press("ana", request("accept", { context: forged, channel_id: "elsewhere", user_id: "ben" }));
    expect(pressed).toMatchObject([
      { action: "accept", value: { event: "e1" }, userId: "ana", channelId: post.ChannelId },
    ]);
  });

  test("has one handler for each name of a card", () => {
    const { cards, handler } = world();
    expect(() => cards.handle("meeting", handler)).toThrow("two handlers");
  });

  test("by anybody is accepted when the card is for everybody", async () => {
    const { cards, send } = world();
    const { request } = await send(null);
    expect((await cards.press("ben", request("accept"))).ok).toBe(true);
  });
});

describe("a press that is refused", () => {
  const cases: Record<string, [(w: ReturnType<typeof world>) => Promise<[string, PressRequest]>, string]> = {
    "by somebody else": [async (w) => ["ben", (await w.send()).request("accept")], "card_foreign"],
    "by nobody": [async (w) => ["", (await w.send(null)).request("accept")], "card_foreign"],
    "after it expired": [
      async (w) => {
        const { request } = await w.send();
        w.at(5_000);
        return ["ana", request("accept")];
      },
      "card_expired",
    ],
    "on another post of the bot": [
      async (w) => {
        const [one, other] = [await w.send(), await w.send()];
        return ["ana", one.request("accept", { post_id: other.post.Id })];
      },
      "card_changed",
    ],
    "on a post of a person with the same props": [
      async (w) => {
        const { post, request } = await w.send();
        w.posts.set(post.Id, { ...post, UserId: "ana" });
        return ["ana", request("accept")];
      },
      "card_changed",
    ],
    "on a deleted post": [
      async (w) => {
        const { post, request } = await w.send();
        w.posts.set(post.Id, { ...post, DeleteAt: 1 });
        return ["ana", request("accept")];
      },
      "card_changed",
    ],
    "on a post that is gone": [
      async (w) => ["ana", (await w.send()).request("accept", { post_id: "nothing" })],
      "card_changed",
    ],
    "with a button of the card before": [
      async (w) => {
        const { post, request } = await w.send();
        const props = await w.cards.props(w.card, { userId: "ana", expiresAt: 5_000 });
        await w.bot.update(post.Id, { text: "changed", props });
        return ["ana", request("accept")];
      },
      "card_changed",
    ],
    "with a changed context": [
      async (w) => {
        const { request } = await w.send();
        const [text = "", mac = ""] = String(request("accept").context.token).split(".");
        const context = JSON.parse(Buffer.from(text, "base64url").toString());
        const forged = Buffer.from(JSON.stringify({ ...context, value: { event: "e2" } })).toString(
          "base64url",
        );
        return ["ana", request("accept", { context: { token: `${forged}.${mac}` } })];
      },
      "card_forged",
    ],
    "with a signature of another key": [
      async (w) => {
        const { request, post } = await w.send();
        const nonce = String(post.Props[NONCE_PROP]);
        const token = signContext(
          { card: "meeting", action: "accept", userId: "ana", nonce, expiresAt: 9_999, value: null },
          new Uint8Array(32),
        );
        return ["ana", request("accept", { context: { token } })];
      },
      "card_forged",
    ],
    "with something behind the signature": [
      async (w) => {
        const { request } = await w.send();
        const token = `${request("accept").context.token}.x`;
        return ["ana", request("accept", { context: { token } })];
      },
      "card_forged",
    ],
    "without a token": [
      async (w) => ["ana", (await w.send()).request("accept", { context: {} })],
      "card_forged",
    ],
    "with a token that is not text": [
      async (w) => ["ana", (await w.send()).request("accept", { context: { token: { a: 1 } } })],
      "card_forged",
    ],
    "with an empty token": [
      async (w) => ["ana", (await w.send()).request("accept", { context: { token: "." } })],
      "card_forged",
    ],
    "for a feature that is switched off": [
      async (w) => ["ana", (await w.send("ana", { ...w.card, name: "other" })).request("accept")],
      "card_unknown",
    ],
  };
  for (const [name, [prepare, problem]] of Object.entries(cases)) {
    test(name, async () => {
      const w = world();
      const [userId, request] = await prepare(w);
      expect(await w.cards.press(userId, request)).toEqual({ ok: false, problem: problem as never });
      expect(w.pressed).toEqual([]);
    });
  }
});

describe("the key", () => {
  test("is created once, even by two nodes at the same time", async () => {
    const { kv, node, card } = world();
    await Promise.all(
      [node(), node(), node()].map((cards) => cards.props(card, { userId: "ana", expiresAt: 1 })),
    );
    expect(kv.values.get("bot/signing-key")).toHaveLength(32);
  });

  test("refuses to sign when the key is damaged or empty", async () => {
    const { kv, cards, card } = world();
    kv.values.set("bot/signing-key", new Uint8Array(5));
    await expect(cards.props(card, { userId: "ana", expiresAt: 1 })).rejects.toThrow("damaged");
    expect(() => verifyContext("a.b", new Uint8Array(0), 0)).toThrow(RangeError);
  });
});

describe("the bot", () => {
  test("looks up its account and each direct channel once", async () => {
    const { bot, asked } = world();
    await Promise.all([bot.direct("ana", { text: "1" }), bot.direct("ana", { text: "2" })]);
    expect(asked()).toBe(1);
  });

  test("never updates another account's post", async () => {
    const { bot, posts } = world();
    const post = await bot.direct("ana", { text: "1" });
    posts.set(post.Id, { ...post, UserId: "ben" });
    expect(await bot.update(post.Id, { text: "2" })).toBeNull();
    expect(posts.get(post.Id)?.Message).toBe("1");
  });
});
