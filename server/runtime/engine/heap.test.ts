import { expect, test } from "bun:test";
import { createCipheriv } from "node:crypto";
import { free, PacedHeap } from "./heap.ts";

const MB = 1024 * 1024;

function world(start: number) {
  let [size, live, collections] = [start * MB, start * MB, 0];
  const heap = new PacedHeap(
    () => size,
    () => {
      collections += 1;
      size = live;
    },
  );
  return {
    second(grown: number, held = 0) {
      live += held * MB;
      size += grown * MB;
      heap.everySecond();
      return collections;
    },
    shrink: (to: number) => {
      size = to * MB;
      heap.everySecond();
    },
  };
}

test("collects once for each 16 MB of garbage, and not before", () => {
  const { second } = world(20);
  expect([second(10), second(5), second(2), second(15), second(1)]).toEqual([0, 0, 1, 1, 2]);
});

test("does not collect again for memory that a collection could not free", () => {
  const { second } = world(20);
  expect([second(20, 20), second(1), second(10), second(10)]).toEqual([1, 1, 1, 2]);
});

test("lets a large heap grow by half before it collects", () => {
  const { second } = world(200);
  expect([second(90), second(9), second(2)]).toEqual([0, 0, 1]);
});

test("takes the size after the engine's own collection as the new baseline", () => {
  const { second, shrink } = world(40);
  shrink(20);
  expect([second(15), second(2)]).toEqual([0, 1]);
});

test("frees the output of a cipher at once, and never the buffer of a small view", () => {
  const cipher = createCipheriv("aes-256-ctr", new Uint8Array(32), new Uint8Array(16));
  for (const size of [1, 4_096, 36_544, 256 * 1024]) {
    const made = cipher.update(new Uint8Array(size));
    free(made);
    expect(made.length).toBe(0);
  }
  const whole = new Uint8Array(1_000);
  free(whole.subarray(0, 900));
  expect(whole.length).toBe(1_000);
});
