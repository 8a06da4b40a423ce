/** A link while Microsoft is away, and in clouds without edits or deletions. */

import { describe, expect, test } from "bun:test";
import { begin, fill, HOUR, MINUTE, openLink, say, texts, w } from "../testing/one-link.ts";

openLink();

describe("an outage", () => {
  test("of Microsoft for six hours is caught up in order, with the edits and deletions made meanwhile", async () => {
    await begin();
    let away = true;
    w.intercept = (method) => (away && method !== "GET" ? new Response("", { status: 503 }) : null);
    const posts = [];
    for (const text of ["one", "two", "three", "four"]) posts.push(await w.post(w.admin.user, text));
    const [, two, three] = posts;
    if (!two || !three) throw new Error("no posts");
    await w.clock.pass(6 * HOUR);
    w.edit(two, "second");
    w.remove(three);
    away = false;
    await w.clock.pass(10 * MINUTE);
    expect(texts()).toEqual(["one", "second", "four"]);
    expect(w.posts.map(({ Message }) => Message)).toEqual(["one", "second", "four"]);
    expect(w.calls.filter((call) => call.startsWith("PATCH"))).toEqual([]);
  });

  test("of our notifications: gap filling copies twelve messages with replies, edits and deletions, once and in order", async () => {
    await begin();
    const from = w.clock.now();
    const root = say("<p>root</p>");
    for (let number = 0; number < 9; number += 1) say(`<p>reply ${number}</p>`, { replyTo: root.id });
    const gone = say("<p>gone</p>");
    const changed = say("<p>before</p>");
    w.channels.edit(w.teamsChannel, changed.id, { html: "<p>after</p>" });
    w.channels.remove(w.teamsChannel, gone.id);
    w.pending.splice(0);
    await fill(from - MINUTE);
    await w.settle();
    await fill(from - MINUTE);
    await w.settle();
    const shown = w.posts.map(({ Message }) => Message.split("\n").at(-1));
    expect(shown).toEqual(["root", ...Array.from({ length: 9 }, (_, number) => `reply ${number}`), "after"]);
    expect(new Set(w.posts.slice(1, 10).map(({ RootId }) => RootId))).toEqual(
      new Set([w.posts[0]?.Id ?? ""]),
    );
  });

  for (const cloud of ["without getAllMessages", "without getAllMessages and delta"]) {
    test(`gaps are read in another way ${cloud}`, async () => {
      await begin();
      w.channels.getAllMessages = false;
      if (cloud.includes("delta"))
        w.intercept = (_, path) =>
          path.includes("/delta") ? Response.json({ error: { code: "x" } }, { status: 400 }) : null;
      const from = w.clock.now();
      const root = say("<p>root</p>");
      say("<p>reply</p>", { replyTo: root.id });
      w.pending.splice(0);
      await fill(from - MINUTE);
      await w.settle();
      expect(w.posts.map(({ Message }) => Message.split("\n").at(-1))).toEqual(["root", "reply"]);
    });
  }

  test("of this server: posts that no hook reported are copied when it is back", async () => {
    await begin();
    const before = await w.post(w.admin.user, "before");
    await w.settle();
    w.unhook("node-1");
    await w.post(w.admin.user, "unseen");
    w.edit(before, "edited unseen");
    const node = w.nodes[0];
    void node?.engine.stop();
    await w.clock.pass(1_000);
    w.nodes.splice(0);
    w.node();
    await w.clock.pass(2 * MINUTE);
    expect(texts()).toEqual(["edited unseen", "unseen"]);
  });
});

describe("national clouds", () => {
  const begun = async (cloud: string) => {
    await begin();
    w.config.save({ national_cloud: cloud });
    w.redirectGraph();
    w.channels.edits = false;
    w.channels.softDeletes = cloud === "china";
  };
  for (const cloud of ["gcchigh", "dod", "china"]) {
    test(`${cloud}: an edit is a line below, once`, async () => {
      await begun(cloud);
      const post = await w.post(w.admin.user, "typo");
      await w.settle();
      w.edit(post, "no typo");
      await w.settle();
      expect(texts()).toEqual(["typo", "Edited in Mattermost:no typo"]);
      expect(w.messages[1]?.replyToId).toBe(w.messages[0]?.id ?? "");
      expect(w.calls.filter((call) => call.startsWith("PATCH"))).toEqual([]);
      expect(w.posts).toHaveLength(1);
    });
  }
  for (const [cloud, deletes] of [
    ["gcchigh", false],
    ["dod", false],
    ["china", true],
  ] as const) {
    test(`${cloud}: a deletion is ${deletes ? "a deletion" : "a line below"}`, async () => {
      await begun(cloud);
      const post = await w.post(w.admin.user, "oops");
      await w.settle();
      w.remove(post);
      await w.settle();
      expect(texts()).toEqual(deletes ? [] : ["oops", "The author deleted this message in Mattermost."]);
    });
  }
  test("a private cloud without these calls is handled in the same way", async () => {
    await begin();
    w.channels.edits = false;
    w.channels.softDeletes = false;
    const post = await w.post(w.admin.user, "typo");
    await w.settle();
    w.edit(post, "no typo");
    await w.settle();
    w.remove(post);
    await w.settle();
    expect(texts()).toEqual([
      "typo",
      "Edited in Mattermost:no typo",
      "The author deleted this message in Mattermost.",
    ]);
  });
});
