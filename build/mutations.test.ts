import { expect, test } from "bun:test";
import { join } from "node:path";
import { accountMutations } from "./account-mutations.ts";
import { root } from "./architecture.ts";
import { mutations } from "./identity-mutations.ts";

const text = (path: string) => Bun.file(join(root, path)).text();

test("every check that `npm run mutate` takes out is in the source once", async () => {
  const lost: string[] = [];
  for (const { file, find } of [...mutations, ...accountMutations])
    if ((await text(file)).split(find).length !== 2) lost.push(`${file}: ${find}`);
  expect(lost).toEqual([]);
});

test("every case that must go red then is in a file that exists", async () => {
  for (const { test: path } of [...mutations, ...accountMutations])
    expect([path, await Bun.file(join(root, path)).exists()]).toEqual([path, true]);
});
