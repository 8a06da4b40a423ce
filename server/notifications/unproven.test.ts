// "Not installed" from Graph: about a person once the app is known to work, about the app before that.
import { expect, test } from "bun:test";
import { MINUTE, type Rig, rigOf, say } from "./testing/rig.ts";
import { idOf } from "./testing/world.ts";

const told = (r: Rig) => r.graph.told.length;

test("before anything was accepted, somebody without the app is asked about again after five minutes", async () => {
  const r = rigOf();
  const node = r.node();
  r.graph.notInstalled.add(r.objectIdOf("bob"));
  await node.tell(say(r, "@bob before the package is uploaded"));
  await r.clock.pass(MINUTE);
  r.graph.notInstalled.clear();
  await node.tell(say(r, "@bob too soon"));
  await r.clock.pass(MINUTE);
  expect(told(r)).toBe(0);
  await r.clock.pass(4 * MINUTE);
  await node.tell(say(r, "@bob now"));
  await r.clock.pass(MINUTE);
  expect(told(r)).toBe(1);
  await node.notifications.stop();
});
