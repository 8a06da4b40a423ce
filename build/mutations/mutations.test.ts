import { expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "../architecture.ts";
import { mutations } from "./all.ts";

// The run itself takes an hour. A change of the source that loses a mutation must not wait for it.
const all = Object.values(mutations).flat();
const text = (path: string) => Bun.file(join(root, path)).text();

test("every check that `npm run mutate` takes out is in the source once", async () => {
  const lost: string[] = [];
  for (const { file, find } of all)
    if ((await text(file)).split(find).length !== 2) lost.push(`${file}: ${find}`);
  expect(lost).toEqual([]);
});

test("every case that must go red then is in a file that exists", async () => {
  for (const path of all.flatMap(({ test: paths }) => paths.split(" ")))
    expect([path, await Bun.file(join(root, path)).exists()]).toEqual([path, true]);
});

test("each mutation changes something", () => {
  expect(all.filter(({ find, replace }) => find === replace)).toEqual([]);
});
