import { expect, test } from "bun:test";
import { atOnce } from "./at-once.ts";

test("runs each item once, in order, and never more at the same time than allowed", async () => {
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  await atOnce([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    begun.push(item);
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
  });
  expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
});

test("rejects with the first failure and starts no further items", async () => {
  const failing = atOnce([1, 2], 2, async (item) => {
    if (item === 2) throw new Error("two");
  });
  expect(failing).rejects.toThrow("two");
  await atOnce([], 4, async () => {
    throw new Error("never");
  });
});
