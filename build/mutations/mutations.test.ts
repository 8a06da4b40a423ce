import { expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "../architecture.ts";
import { mutations } from "./all.ts";

// A full run takes an hour. These tests report at once when a change of the source invalidates a mutation.
const all = Object.values(mutations).flat();
const text = (path: string) => Bun.file(join(root, path)).text();

test("every check that `npm run mutate` removes occurs exactly once in the source", async () => {
  const lost: string[] = [];
  for (const { file, find } of all)
    if ((await text(file)).split(find).length !== 2) lost.push(`${file}: ${find}`);
  expect(lost).toEqual([]);
});

test("every test file that must then fail exists", async () => {
  for (const path of all.flatMap(({ test: paths }) => paths.split(" ")))
    expect([path, await Bun.file(join(root, path)).exists()]).toEqual([path, true]);
});

test("each mutation changes something", () => {
  expect(all.filter(({ find, replace }) => find === replace)).toEqual([]);
});
