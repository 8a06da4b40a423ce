/** Tests summaries of which another one is written at the same time, and those that do not fit into the queue. */

import { describe, expect, test } from "bun:test";
import { hash } from "../../../platform/store/sharded-map.ts";
import { ben, group, meanwhile, members, nodes, openTwoNodes, settle, world } from "../testing/two-nodes.ts";

openTwoNodes();

const HOUR = 3_600_000;

describe("while the summary of a late message is posted, the other node receives another late message", () => {
  const put = (html: string, chat = group()) =>
    world.teams.put(chat, ben.objectId, {
      body: { contentType: "html", content: html },
      createdDateTime: new Date(world.clock.now() - 3 * HOUR).toISOString(),
    });
  const summaries = () => members.map((one) => world.texts(one));

  for (const at of [0, 1])
    test(`at post ${at + 1}: everybody has one summary of both`, async () => {
      const chat = group();
      const [first, second] = [put("<p>one</p>", chat), put("<p>two</p>", chat)];
      const [one, other] = nodes;
      await meanwhile(
        at,
        () => settle(one, first, "created"),
        () => settle(other, second, "created"),
      );
      for (const texts of summaries()) {
        expect(texts).toHaveLength(1);
        expect(texts[0]).toContain("2 messages came in");
      }
    });

  test("of another chat: each chat has its own summary", async () => {
    const direct = world.teams.direct(ben.objectId, members[0].person.objectId);
    const [first, second] = [put("<p>one</p>"), put("<p>two</p>", direct)];
    const [one, other] = nodes;
    await meanwhile(
      0,
      () => settle(one, first, "created"),
      () => settle(other, second, "created"),
    );
    expect(summaries().map((texts) => texts.length)).toEqual([2, 1]);
  });
});

test("a message of quiet hours that does not fit into the queue is retried, and the others get theirs at once", async () => {
  const [node] = nodes;
  const [cy, dora] = members;
  const chat = group();
  const now = new Date(world.clock.now()).getUTCHours();
  await node.chats.settings.change(cy.user.Id, { quiet: `${now}:00-${(now + 2) % 24}:00` });
  const record = `queue_chats_quiet_${(hash(`${cy.user.Id} ${chat.id}`) % 64).toString(36)}`;
  const value = { user: "eva", chat: chat.id };
  const entries = Array.from({ length: 50_000 }, (_, index) => ({
    ...{ id: `e${index}`, key: "eva", at: world.clock.now(), rev: 0, tries: 0, value },
  }));
  world.store.values.set(record, new TextEncoder().encode(JSON.stringify({ v: 1, entries })));
  const { message, outcome } = await world.write(node, chat, ben, "<p>one</p>");
  expect(outcome).toEqual({ kind: "retry", because: "post_failed" });
  expect(world.texts(dora)).toHaveLength(1);

  world.store.values.delete(record);
  expect((await world.change(node, message)).kind).toBe("done");
  expect(world.texts(dora)).toHaveLength(1);
  world.run(node);
  for (let minutes = 0; minutes < 130; minutes += 10) await world.clock.pass(10 * 60_000);
  await world.until("the summary", () => world.posts(cy).length === 1);
  expect(world.texts(cy)[0]).toContain("wrote once");
});
