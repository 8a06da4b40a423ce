import { expect, test } from "bun:test";
import { join } from "node:path";
import { importsOf, root } from "./architecture.ts";
import { run } from "./executable.ts";

const folder = "server/runtime";

test("the packed runtime holds every file that its files import", async () => {
  const [packed] = JSON.parse(await run(["npm", "pack", "--dry-run", "--json"], join(root, folder)));
  const files = new Set<string>(packed.files.map(({ path }: { path: string }) => join(folder, path)));
  const imports = (await importsOf(`${folder}/**/*.ts`)).filter(
    ({ file, kind }) => kind === "file" && files.has(file),
  );
  expect(imports.length).toBeGreaterThan(100);
  expect(
    imports.filter(({ target }) => !files.has(target)).map(({ file, target }) => `${file} → ${target}`),
  ).toEqual([]);
});
