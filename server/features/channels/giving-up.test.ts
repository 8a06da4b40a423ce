/** Tests changes that cannot be sent for days, or not now: only the author is notified, and the others wait. */

import { afterEach, expect, test } from "bun:test";
import type { Post } from "../../runtime/mattermost/index.ts";
import { endLink } from "./links/linking.ts";
import type { Room } from "./room.ts";
import { ChannelsWorld } from "./testing/channels-world.ts";
import { channelWords } from "./words.ts";

let w: ChannelsWorld;
const begin = async () => {
  w = new ChannelsWorld();
  w.node();
  await w.link();
};
afterEach(() => w.stop());

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const texts = () => w.messages.map(({ body }) => body.content.replaceAll(/<[^>]*>/g, ""));
/** Not minute by minute, because a round of the link each minute would take long. */
const later = async (ms: number) => {
  w.clock.jumpTo(w.clock.now() + ms);
  await w.clock.pass(15 * MINUTE);
};
const actionsOf = (post: Post | undefined) =>
  ((post?.Props.attachments ?? []) as { actions: { id: string }[] }[]).flatMap(({ actions }) =>
    actions.map(({ id }) => id),
  );
const away = () => {
  let isAway = true;
  w.intercept = (method) => (isAway && method !== "GET" ? new Response("", { status: 503 }) : null);
  return () => {
    isAway = false;
  };
};

test("a message that waited for three days is shown only to its author, with Try again, which sends it", async () => {
  await begin();
  const back = away();
  const ann = w.mattermostPerson("ann");
  await w.post(ann, "important plan");
  await w.clock.pass(30 * MINUTE);
  await later(2 * DAY + 23 * 60 * MINUTE);
  expect(w.notes(ann)).toEqual([]);
  await later(2 * 60 * MINUTE);
  const [note, ...others] = w.notes(ann);
  expect(others).toEqual([]);
  expect(note?.Message).toContain("three days");
  expect(note?.Message).not.toContain("important plan");
  expect(actionsOf(note)).toEqual(["retry"]);
  expect(w.notices).toHaveLength(1);
  back();
  const shown = note?.Message ?? "";
  // Pressed twice, as people do: one message in Teams, and one line about it in the notice.
  await w.press(ann, note as Post);
  await w.press(ann, note as Post);
  await w.settle();
  expect(texts().filter((text) => text.includes("important plan"))).toHaveLength(1);
  expect(w.notes(ann)[0]?.Message.slice(shown.length).trim().split("\n")).toHaveLength(1);
});

test("a message that waited while the server was down for four days is reported to its author", async () => {
  await begin();
  away();
  await w.post(w.admin.user, "plan");
  await w.settle();
  const [node] = w.nodes;
  const stopped = node?.engine.stop();
  await w.clock.pass(1_000);
  await stopped;
  w.clock.jumpTo(w.clock.now() + 4 * DAY);
  node?.engine.start();
  await w.clock.pass(5 * MINUTE);
  expect(w.notes(w.admin.user)[0]?.Message).toContain("three days");
});

test("after three days of waiting an edit causes a message, a reaction does not, and a deletion goes on waiting", async () => {
  await begin();
  const edited = await w.post(w.admin.user, "one");
  const deleted = await w.post(w.admin.user, "two");
  const reacted = await w.post(w.admin.user, "three");
  await w.settle();
  const back = away();
  w.react(w.admin.user, reacted, "tada");
  await w.clock.pass(MINUTE);
  w.edit(edited, "one and a half");
  await w.clock.pass(MINUTE);
  w.remove(deleted);
  await later(3 * DAY + 60 * MINUTE);
  expect(w.notes(w.admin.user)).toHaveLength(1);
  back();
  await w.clock.pass(30 * MINUTE);
  expect(texts()).toEqual(["one", "three"]);
});

test("an archived Teams channel is noticed by its first refusal: the message waits, and its author gets no message", async () => {
  await begin();
  const before = await w.post(w.admin.user, "before");
  await w.settle();
  w.teamsChannel.isArchived = true;
  await w.post(w.admin.user, "waiting");
  w.edit(before, "before, edited");
  w.react(w.admin.user, before, "tada");
  await w.settle(10);
  expect(w.notes(w.admin.user)).toEqual([]);
  expect(w.notices.filter((one) => one.includes("archived in Teams"))).toHaveLength(1);
  w.teamsChannel.isArchived = false;
  await w.clock.pass(5 * MINUTE);
  expect(texts()).toEqual(["before, edited", "waiting"]);
  expect(w.messages[0]?.reactions).toHaveLength(1);
});

test("a refusal in a channel that is open is the author's failure, and Teams is asked about it every two seconds at most", async () => {
  await begin();
  w.intercept = (method, path) =>
    method === "POST" && path.endsWith("/messages")
      ? Response.json({ error: { code: "Forbidden" } }, { status: 403 })
      : null;
  for (const text of ["one", "two", "three"]) await w.post(w.admin.user, text);
  w.calls.splice(0);
  await w.clock.pass(3_000);
  expect(w.calls.filter((call) => call.startsWith("GET")).length).toBeLessThanOrEqual(4);
  await w.settle(20);
  expect(w.notes(w.admin.user)).toHaveLength(3);
});

test("a final refusal is shown once and is not retried by itself", async () => {
  await begin();
  w.botConnected = false;
  const ann = w.mattermostPerson("ann");
  await w.post(ann, "nobody sends me");
  await w.settle();
  await w.clock.pass(30 * MINUTE);
  expect(w.notes(ann)).toHaveLength(1);
  const [node] = w.nodes;
  const stopped = node?.engine.stop();
  await w.clock.pass(1_000);
  await stopped;
  node?.engine.start();
  await w.clock.pass(5 * MINUTE);
  expect(w.notes(ann)).toHaveLength(1);
});

/** Teams refuses the edit of a post for half an hour; after that it would accept it. */
async function refusedEdit(): Promise<void> {
  await begin();
  const post = await w.post(w.admin.user, "hello");
  await w.settle();
  w.intercept = (method) =>
    method === "PATCH" ? Response.json({ error: { code: "Forbidden" } }, { status: 403 }) : null;
  w.edit(post, "good day");
  await w.settle();
  await w.clock.pass(30 * MINUTE);
  w.intercept = () => null;
}

test("an edit that Teams refuses is shown once, and Try again sends it", async () => {
  await refusedEdit();
  expect(w.notes(w.admin.user)).toHaveLength(1);
  await w.press(w.admin.user, w.notes(w.admin.user)[0] as Post);
  await w.settle();
  expect(texts()).toEqual(["good day"]);
});

test("Try again sends nothing when the channel is not linked any more, and says so", async () => {
  await refusedEdit();
  const [note] = w.notes(w.admin.user);
  const room = w.nodes[0]?.engine.room as Room;
  expect(await endLink(room, { userId: w.admin.user.Id, channelId: w.channel.Id })).toEqual({ ok: true });
  const before = w.calls.length;
  expect(await w.press(w.admin.user, note as Post)).toEqual({
    ok: true,
    reply: { ephemeral: channelWords.in("en")("not_linked_any_more") },
  } as never);
  await w.settle();
  expect(w.calls.slice(before).filter((call) => !call.startsWith("GET"))).toEqual([]);
  expect(texts()).toEqual(["hello"]);
});

test("an edit by a disconnected author is shown once, and Try again works after they connect", async () => {
  await begin();
  const post = await w.post(w.admin.user, "hello");
  await w.settle();
  w.connected.delete(w.admin.user.Id);
  w.edit(post, "good day");
  await w.settle();
  await w.clock.pass(30 * MINUTE);
  expect(w.notes(w.admin.user)).toHaveLength(1);
  w.connected.add(w.admin.user.Id);
  await w.press(w.admin.user, w.notes(w.admin.user)[0] as Post);
  await w.settle();
  expect(texts()).toEqual(["good day"]);
});
