// Tests Graph's "not installed": about a person once the app is known to work, about the app before that.
import { expect, test } from "bun:test";
import { MINUTE, type Rig, rigOf, say } from "./testing/rig.ts";
import { idOf, objectIdOf } from "./testing/world.ts";

const BOB = objectIdOf(idOf("bob"));
const activities = (r: Rig) => r.feed.length;

test("before the first accepted request, a member without the app is tried again after five minutes", async () => {
  const r = rigOf();
  const node = r.node();
  r.graph.notInstalled.add(BOB);
  await node.posted(say(r, "@bob before the package is uploaded"));
  await r.clock.pass(MINUTE);
  r.graph.notInstalled.clear();
  await node.posted(say(r, "@bob too soon"));
  await r.clock.pass(MINUTE);
  expect(activities(r)).toBe(0);
  await r.clock.pass(4 * MINUTE);
  await node.posted(say(r, "@bob now"));
  await r.clock.pass(MINUTE);
  expect(activities(r)).toBe(1);
  await node.notifications.stop();
});

test("after it, the person is skipped for six hours, because the app is known to work", async () => {
  const r = rigOf();
  const node = r.node();
  await node.posted(say(r, "@carol"));
  await r.clock.pass(MINUTE);
  expect(activities(r)).toBe(1);
  r.graph.notInstalled.add(BOB);
  await node.posted(say(r, "@bob has removed it"));
  await r.clock.pass(MINUTE);
  r.graph.notInstalled.clear();
  await r.clock.pass(10 * MINUTE);
  await node.posted(say(r, "@bob still"));
  await r.clock.pass(MINUTE);
  expect(activities(r)).toBe(1);
  await node.notifications.stop();
});
