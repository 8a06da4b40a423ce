/** Files of the web app must not import each other in cycles, including types. */

import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = import.meta.dir;
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
const imports = new Map(
  files.map((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const named = [...text.matchAll(/^(?:import|export)\b[^;"']*?from\s+"(\.[^"]+)"/gm)].map(([, path]) =>
      join(dirname(join(root, file)), path ?? ""),
    );
    return [file, named.filter((path) => existsSync(path)).map((path) => relative(root, path))] as const;
  }),
);

function cycle(from: string, path: readonly string[], done: Set<string>): readonly string[] | null {
  if (path.includes(from)) return [...path.slice(path.indexOf(from)), from];
  if (done.has(from)) return null;
  done.add(from);
  for (const next of imports.get(from) ?? []) {
    const found = cycle(next, [...path, from], done);
    if (found) return found;
  }
  return null;
}

test("no file imports itself, directly or indirectly", () => {
  expect(files.length).toBeGreaterThan(40);
  const done = new Set<string>();
  for (const file of files) expect(cycle(file, [], done)).toBeNull();
});
