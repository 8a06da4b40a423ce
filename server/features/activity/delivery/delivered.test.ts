import { expect, test } from "bun:test";
import { DeliveredPeople } from "./delivered.ts";

const post = (at: number) => ({ postId: `post${at}`, at });

test("a recipient is delivered, another one of the same post is not", () => {
  const delivered = new DeliveredPeople();
  delivered.add(post(1_000), "ana");
  expect(delivered.has(post(1_000), "ana")).toBe(true);
  expect(delivered.has(post(1_000), "ben")).toBe(false);
  expect(delivered.has(post(2_000), "ana")).toBe(false);
});

test("an expired post is forgotten and not delivered again; a younger one is remembered by recipient", () => {
  const delivered = new DeliveredPeople();
  for (const at of [1_000, 2_000, 3_000]) delivered.add(post(at), "ana");
  delivered.forgetBefore(2_500);
  expect(delivered.size).toBe(1);
  expect(delivered.has(post(2_000), "ben")).toBe(true);
  expect(delivered.has(post(3_000), "ana")).toBe(true);
  expect(delivered.has(post(3_000), "ben")).toBe(false);
});

test("the oldest posts are forgotten when there are too many recipients", () => {
  const delivered = new DeliveredPeople();
  for (let index = 0; index < 200_001; index += 1)
    delivered.add(post(1 + Math.floor(index / 1_000)), `u${index}`);
  expect(delivered.size).toBe(200);
  expect(delivered.has(post(1), "ben")).toBe(true);
  expect(delivered.has(post(201), "u200000")).toBe(true);
  expect(delivered.has(post(200), "ben")).toBe(false);
});
