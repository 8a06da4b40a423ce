import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./architecture.ts";
import { mutations } from "./identity-mutations.ts";

const sources = new Map<string, string>();
function sourceOf(file: string): string {
  const source = sources.get(file) ?? readFileSync(join(root, file), "utf8");
  sources.set(file, source);
  return source;
}

/** The run itself takes an hour. A change of the source that loses a mutation must not wait for it. */
test("each mutation finds its text once, in the file that it names", () => {
  const lost = mutations.filter(({ file, find }) => sourceOf(file).split(find).length !== 2);
  expect(lost.map(({ file, find }) => `${file}: ${find}`)).toEqual([]);
});

test("each mutation changes something", () => {
  expect(mutations.filter(({ find, replace }) => find === replace)).toEqual([]);
});
