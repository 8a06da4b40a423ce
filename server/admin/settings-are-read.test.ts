import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { allSettings } from "../platform/settings/index.ts";

/** The files that declare settings; all other code uses them. */
const declared = /^(platform\/(settings|i18n)\/|admin\/earlier-plugin)/;

async function productSource(): Promise<string> {
  const server = join(import.meta.dir, "..");
  const texts: string[] = [];
  for await (const file of new Glob("**/*.ts").scan({ cwd: server })) {
    if (/\.(test|gen)\.ts$|\/testing\//.test(file) || declared.test(file)) continue;
    texts.push(await Bun.file(join(server, file)).text());
  }
  return texts.join("\n");
}

test("every setting is read somewhere", async () => {
  const source = await productSource();
  const isRead = (key: string) => new RegExp(`\\b${key}\\b`).test(source);
  expect(Object.keys(allSettings).filter((key) => !isRead(key))).toEqual([]);
  expect(isRead("a_setting_that_nobody_reads")).toBe(false);
});
