import { expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "./architecture.ts";

test("package.json, plugin.json and CHANGELOG.md name the same version", async () => {
  const { version } = await Bun.file(join(root, "package.json")).json();
  expect((await Bun.file(join(root, "plugin.json")).json()).version).toBe(version);
  const newest = /^## \[(.+?)\]/m.exec(await Bun.file(join(root, "CHANGELOG.md")).text())?.[1];
  expect(newest).toBe(version);
});
