/** Tests a Teams channel that is archived just after another refusal: waiting changes arrive when it opens again. */

import { afterEach, describe, expect, test } from "bun:test";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { ChannelsWorld } from "../testing/channels-world.ts";

let w: ChannelsWorld;
let post: Post;
let other: Post;
afterEach(() => w.stop());

const MINUTE = 60_000;
const texts = () => w.messages.map(({ body }) => body.content.replaceAll(/<[^>]*>/g, ""));
const forbidden = () => Response.json({ error: { code: "Forbidden" } }, { status: 403 });

/** Two messages, and a refusal for another reason a moment ago: the channel was open then. */
async function begin(): Promise<void> {
  w = new ChannelsWorld();
  w.node();
  await w.link();
  post = await w.post(w.admin.user, "first");
  other = await w.post(w.admin.user, "second");
  await w.settle();
  w.intercept = (_, path) => (path.endsWith("/setReaction") ? forbidden() : null);
  w.react(w.admin.user, other, "eyes");
  await w.clock.pass(100);
  w.intercept = () => null;
  w.teamsChannel.isArchived = true;
}

async function restored(): Promise<void> {
  w.teamsChannel.isArchived = false;
  await w.clock.pass(5 * MINUTE);
  await w.settle();
}

const changes: [name: string, change: () => unknown, seen: () => void][] = [
  [
    "a reaction",
    () => w.react(w.admin.user, post, "tada"),
    () => expect(w.messages[0]?.reactions.map(({ reactionType }) => reactionType)).toEqual(["🎉"]),
  ],
  [
    "a message",
    () => w.post(w.admin.user, "third"),
    () => expect(texts()).toEqual(["first", "second", "third"]),
  ],
  [
    "a reply",
    () => w.post(w.admin.user, "reply", { RootId: post.Id }),
    () => expect(w.messages.at(-1)?.replyToId).toBe(w.messages[0]?.id ?? ""),
  ],
  [
    "an edit",
    () => w.edit(post, "first, edited"),
    () => expect(texts()).toEqual(["first, edited", "second"]),
  ],
  ["a deletion", () => w.remove(post), () => expect(texts()).toEqual(["second"])],
];

describe("within two seconds of another refusal, while the channel is archived", () => {
  for (const [name, change, seen] of changes) {
    test(`${name} waits and arrives, and its author gets no failure notice`, async () => {
      await begin();
      await change();
      await w.settle(10);
      expect(w.notices.filter((one) => one.includes("archived in Teams"))).toHaveLength(1);
      await restored();
      seen();
      expect(w.notes(w.admin.user)).toEqual([]);
    });

    test(`${name} arrives when Linked channels is switched off and on meanwhile`, async () => {
      await begin();
      await change();
      await w.clock.pass(500);
      const [node] = w.nodes;
      const stopped = node?.engine.stop();
      await w.clock.pass(1_000);
      await stopped;
      await w.clock.pass(MINUTE);
      node?.engine.start();
      await w.settle(10);
      await restored();
      seen();
      expect(w.notes(w.admin.user)).toEqual([]);
    });
  }
});

test("a final refusal is reported within seconds, although the channel is checked first", async () => {
  await begin();
  w.teamsChannel.isArchived = false;
  w.intercept = (method) => (method === "POST" ? forbidden() : null);
  await w.post(w.admin.user, "third");
  await w.settle(5);
  expect(w.notes(w.admin.user)).toHaveLength(1);
});

test("the line in place of a refused deletion waits for its turn, and is not left out", async () => {
  await begin();
  w.teamsChannel.isArchived = false;
  w.intercept = (_, path) => (path.endsWith("/softDelete") ? forbidden() : null);
  await w.post(w.admin.user, "third");
  await w.clock.pass(10);
  w.remove(post);
  await w.settle(20);
  expect(texts().at(-1)).toContain("deleted this message");
});

test("a channel that another node found archived is closed here, too, before the event of that node arrives", async () => {
  w = new ChannelsWorld();
  w.node("without events", { cluster: { ...w.cluster.node(), on: () => () => {} } as never });
  const link = await w.link();
  const { engine } = w.node("first");
  w.teamsChannel.isArchived = true;
  await engine.life.look(link);
  await w.post(w.admin.user, "waiting");
  await w.clock.pass(5_000);
  expect(w.notes(w.admin.user)).toEqual([]);
  await restored();
  expect(texts()).toEqual(["waiting"]);
});
