/** Somebody changes their settings, or leaves, while the node that begins to drive reads everybody's records. */

import { afterEach, describe, expect, test } from "bun:test";
import { DAY_PREFIX, MEMBERS_PREFIX } from "../stored-keys.ts";
import { DayWorld, type Member, type Node } from "../testing/day-world.ts";

let world: DayWorld;
afterEach(() => world.stop());

/** Acts once, when the load has read the shard of members that is not empty, and does not have it yet. */
function whileLoading(act: () => Promise<unknown>): void {
  const read = world.store.get.bind(world.store);
  let isLoading = false;
  let isDone = false;
  world.store.get = async (key) => {
    const bytes = await read(key);
    if (key.startsWith(DAY_PREFIX)) isLoading = true;
    if (isLoading && !isDone && key.startsWith(MEMBERS_PREFIX) && bytes) {
      isDone = true;
      await act();
    }
    return bytes;
  };
}

async function loaded(
  settings: Parameters<DayWorld["member"]>[1],
  act: (node: Node, sam: Member) => unknown,
) {
  world = new DayWorld();
  const sam = world.member("sam", settings);
  world.meeting(sam, "10:00", "11:00");
  const first = await world.start();
  await first.part.stop();
  const node = world.node();
  whileLoading(async () => act(node, sam));
  node.part.start();
  await world.settle();
  await world.passTo("10:00:05");
  return { node, sam };
}

const change = (settings: object) => (node: Node, sam: Member) =>
  node.core.members.update(sam.user.Id, (member) => ({
    ...member,
    settings: { ...member.settings, ...settings },
  }));

describe("while everybody's records are read", () => {
  test("a member who switches the status off gets none", async () => {
    const { sam } = await loaded({ status: "dnd" }, change({ status: "off" }));
    expect(world.statusCalls()).toEqual([]);
    expect(world.status(sam)).toBe("online");
  });

  test("a member who switches it on gets it", async () => {
    const { sam } = await loaded({ status: "off" }, change({ status: "dnd" }));
    expect(world.status(sam)).toBe("dnd by hand");
  });

  test("a member who leaves does not come back", async () => {
    const { node } = await loaded({ status: "dnd" }, ({ core }, sam) => core.members.remove(sam.user.Id));
    expect(world.statusCalls()).toEqual([]);
    expect(node.core.statistics.driver()?.members).toBe(0);
  });
});
