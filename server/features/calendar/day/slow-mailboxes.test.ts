/** Tests changes that arrive while a mailbox is being read: Microsoft takes seconds to answer on a bad day. */

import { afterEach, expect, test } from "bun:test";
import { DayWorld } from "../testing/day-world.ts";

let world: DayWorld;
afterEach(() => world.stop());

/** From now on every answer of Outlook arrives that much later, with the events of the moment of the request. */
function slowDown(ms: number): void {
  const { clock, graph } = world;
  const answer = graph.answer.bind(graph);
  graph.answer = async (request) => {
    const response = await answer(request);
    await clock.sleep(ms, new AbortController().signal);
    return response;
  };
  // The clock must go on while an answer is on its way.
  clock.isBusy = () => false;
}

async function start() {
  world = new DayWorld();
  const [sam, ann] = [world.member("sam", { status: "dnd" }), world.member("ann", { status: "dnd" })];
  const node = await world.start();
  await world.passTo("09:30");
  slowDown(3_000);
  return { sam, ann, changed: node.part.driver.changed.bind(node.part.driver) };
}

test("an event that is created during a read of the same mailbox sets the status", async () => {
  const { sam, changed } = await start();
  changed(sam.user.Id);
  await world.passTo("09:30:02");
  await world.pass(500);
  world.meeting(sam, "09:32", "09:33");
  changed(sam.user.Id);
  await world.passTo("09:32:01");
  expect(world.status(sam)).toBe("dnd by hand");
});

test("an event that is created during a read of another mailbox sets the status", async () => {
  const { ann, sam, changed } = await start();
  changed(ann.user.Id);
  await world.passTo("09:30:02");
  world.meeting(sam, "09:32", "09:33");
  changed(sam.user.Id);
  await world.passTo("09:32:01");
  expect(world.status(sam)).toBe("dnd by hand");
});

test("a person who leaves and returns during a read gets nothing of the former read", async () => {
  const { sam, changed } = await start();
  const { core } = world.nodes[0] as (typeof world.nodes)[number];
  const before = await core.members.get(sam.user.Id);
  changed(sam.user.Id);
  await world.passTo("09:30:02");
  await world.pass(500);
  await core.members.remove(sam.user.Id);
  world.meeting(sam, "09:31", "09:33");
  await core.members.update(sam.user.Id, (member) => ({ ...member, ...before }));
  await world.passTo("09:31:01");
  expect(world.logs.filter(({ fields }) => fields.code === "broken_off")).toEqual([]);
  expect(world.status(sam)).toBe("dnd by hand");
});
