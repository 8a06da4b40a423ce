/** Tests that SECURITY.md names only code and tests that exist. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "./architecture.ts";

const files = ["server", "e2e", "build"].flatMap((folder) =>
  [...new Bun.Glob("**/*.ts").scanSync({ cwd: join(root, folder) })].map((path) => `/${folder}/${path}`),
);
/** A file may be named by the end of its path. */
const exists = (name: string) => files.some((path) => path.endsWith(`/${name}`));

test("every file that the threat model names exists", async () => {
  const page = await Bun.file(join(root, "SECURITY.md")).text();
  const named = [...page.matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter((name) => !exists(name))).toEqual([]);
  const folders = [...page.matchAll(/`((?:server|e2e)\/[\w/-]+)`/g)].map(([, name = ""]) => name);
  expect(folders.length).toBeGreaterThan(8);
  expect(folders.filter((name) => !files.some((path) => path.startsWith(`/${name}/`)))).toEqual([]);
});

test("a file is found by the end of its path, but only by whole names", () => {
  expect(exists("escape.ts")).toBe(true);
  expect(exists("scape.ts")).toBe(false);
  expect(exists("calendar/rules/privacy.ts")).toBe(false);
});
