// Tests that the words of each language name all steps of a way to a screen of Mattermost, as the English ones do.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { root } from "./architecture.ts";

const english = ["server/**/en.json", "webapp/src/**/en.json"].flatMap((pattern) => [
  ...new Glob(pattern).scanSync({ cwd: root }),
]);
type Words = Readonly<Record<string, unknown>>;
const read = (path: string): Words => JSON.parse(readFileSync(join(root, path), "utf8"));
/** `Settings > Plugin preferences > Microsoft 365` has two steps to go. */
const steps = (text: unknown) => [...String(text).matchAll(/\s?>\s?/g)].length;
const isWay = (text: unknown) => /(System Console|Settings) > /.test(String(text));

/** The words that leave a step out, as `file key`. */
function shorter(): { readonly wrong: string[]; readonly seen: number } {
  const wrong: string[] = [];
  let seen = 0;
  for (const path of english) {
    const ways = Object.entries(read(path)).filter(([, text]) => isWay(text));
    const others = new Glob("{ar,de,es,fr,ja}.json").scanSync({ cwd: join(root, dirname(path)) });
    for (const name of ways.length > 0 ? others : []) {
      const file = join(dirname(path), name);
      const words = read(file);
      for (const [key, text] of ways) {
        if (!(key in words)) continue;
        seen += 1;
        if (steps(words[key]) !== steps(text)) wrong.push(`${file} ${key}`);
      }
    }
  }
  return { wrong, seen };
}

test("a way to a screen has the same steps in each language", () => {
  const { wrong, seen } = shorter();
  expect(wrong).toEqual([]);
  expect(seen).toBeGreaterThan(10);
});

test("the settings of this plugin are found under Plugin preferences", () => {
  for (const path of english)
    for (const [key, text] of Object.entries(read(path)))
      expect([path, key, /(?<!System )Settings > Microsoft 365/.test(String(text))]).toEqual([
        path,
        key,
        false,
      ]);
});
