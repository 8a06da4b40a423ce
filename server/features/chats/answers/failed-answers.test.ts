/** An answer that Microsoft refuses is shown to its author, or sent later. */

import { describe, expect, test } from "bun:test";
import { hash } from "../../../platform/store/sharded-map.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import {
  begin,
  cy,
  hasNotice,
  isSent,
  microsoft,
  node,
  openAnswers,
  root,
  sent,
  world,
} from "../testing/answering.ts";
import { SCOPES } from "../testing/test-connections.ts";

openAnswers();

describe("a failure", () => {
  test("is shown with its reason and a button that sends the answer", async () => {
    microsoft.graph.setFaults({ status: 403, failPath: "/messages" });
    await world.reply(node, cy, root, "yes");
    await hasNotice();
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
      await hasNotice();
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
    await hasNotice();
    expect(world.texts(cy)[1]).toContain("has not agreed to it yet. [Connect again](");
  });

  test("of a lost connection offers to connect again", async () => {
    world.lose(cy);
    await world.reply(node, cy, root, "yes");
    await hasNotice();
    expect(world.texts(cy)[1]).toContain("is not connected. [Connect](");
  });

  test("of a later part: the button sends the rest, and nothing twice", async () => {
    let refuses = true;
    await world.stop();
    const full = world.node(world.store, world.api, async (url, init) => {
      const isLater = init?.method === "POST" && String(url).endsWith("/messages");
      return refuses && isLater
        ? Response.json({ error: { code: "Forbidden" } }, { status: 403 })
        : world.fetch(url, init);
    });
    world.run(full);
    const lines = Array.from({ length: 1_200 }, (_, at) => `line ${at} ${"x".repeat(30)}`);
    await world.reply(full, cy, root, lines.join("\n\n"));
    await hasNotice();
    await isSent(1);
    refuses = false;
    await world.press(full, cy, world.posts(cy)[1] as Post, "retry");
    await world.until("the last part", () => sent().at(-1)?.includes("line 1199 ") === true);
    const written = sent().flatMap((html) => [...html.matchAll(/line (\d+) /g)].map(([, at]) => Number(at)));
    expect(written).toEqual(lines.map((_, at) => at));
  });

  test("a second failure updates the notice and posts no other", async () => {
    microsoft.graph.setFaults({ status: 403, failPath: "/messages" });
    await world.reply(node, cy, root, "yes");
    await hasNotice();
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
    await hasNotice();
    expect(world.texts(cy)[1]).toContain("could not be reached for an hour");
  });

  for (const status of [429, 503])
    test(`${status}: an answer with the words of an earlier one is sent, too`, async () => {
      await world.reply(node, cy, root, "ok");
      await isSent(1);
      microsoft.graph.setFaults({ status, retryAfter: 5, failPath: "/messages" });
      await world.reply(node, cy, root, "ok");
      await world.until("a try", () => world.asked.some((one) => one === "POST /chats/{chat}/messages"));
      microsoft.graph.healthy();
      await world.clock.pass(70_000);
      await isSent(2);
      expect(sent()).toEqual(["<p>ok</p>", "<p>ok</p>"]);
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
