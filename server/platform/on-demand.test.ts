import { expect, test } from "bun:test";
import { onDemand } from "./on-demand.ts";

test("concurrent and later uses share one load", async () => {
  let loads = 0;
  const room = onDemand(async () => {
    loads += 1;
    return { loads };
  });
  expect(room.begun).toBeNull();
  const [one, two] = await Promise.all([room.load(), room.load()]);
  expect(one).toBe(two);
  expect(await room.load()).toBe(one);
  expect(await room.begun).toBe(one);
  expect(loads).toBe(1);
});

test("a failed load fails all its uses, and the next use tries again", async () => {
  let loads = 0;
  const room = onDemand(async () => {
    loads += 1;
    if (loads === 1) throw new Error("not there");
    return loads;
  });
  const both = await Promise.allSettled([room.load(), room.load()]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(room.begun).toBeNull();
  expect(await room.load()).toBe(2);
});
