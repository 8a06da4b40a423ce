/** Tests that the build's compressed form of the texts contains the same texts. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
// @ts-expect-error: a loader of webpack, without types
import wordsLoader from "../../words-loader.mjs";

const root = join(import.meta.dir, "..");
const read = (file: string): Record<string, string> => JSON.parse(readFileSync(file, "utf8"));

/** Evaluates it as the bundle does: the reference is a module that was built the same way. */
function built(resourcePath: string): Record<string, string> {
  if (resourcePath.endsWith("/en.json")) return read(resourcePath);
  const code: string = wordsLoader.call(
    { resourcePath, addDependency: () => undefined },
    readFileSync(resourcePath, "utf8"),
  );
  const [, reference = ""] = /^import reference from "\.\/(\w+\.json)";/.exec(code) ?? [];
  const body = code.replace(/^import .*$/m, "").replace("export default words;", "return words;");
  return new Function("reference", body)(built(resourcePath.replace(/\w+\.json$/, reference)));
}

test("the compressed form has every text of every language, and no other", () => {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) =>
    /(^|\/)(words|strings)\/\w\w\.json$/.test(file),
  );
  expect(files.length).toBeGreaterThan(30);
  for (const file of files) expect([file, built(join(root, file))]).toEqual([file, read(join(root, file))]);
});
