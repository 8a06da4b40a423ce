/**
 * docs/server-versions.md is generated. Checks by that page that the product needs nothing that an older server
 * lacks.
 */

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { root } from "./architecture.ts";

const page = await Bun.file(join(root, "docs/server-versions.md")).text();
const sections = page.split(/^## /m).slice(1);

/** Names in one row of a section's table. */
function row(section: string, title: string): string[] {
  const line = section.split("\n").find((each) => each.startsWith(`| ${title} |`));
  if (line === undefined) throw new Error(`no row "${title}"`);
  return [...line.matchAll(/`([\w.]+)`/g)].map((match) => match[1] ?? "");
}

/** The product's own code. The runtime is left out, because it offers all methods. */
async function productSource(): Promise<string> {
  const texts: string[] = [];
  for await (const file of new Glob("server/**/*.ts").scan({ cwd: root })) {
    if (/\.(test|gen)\.ts$|\/testing\/|^server\/runtime\//.test(file)) continue;
    texts.push(await Bun.file(join(root, file)).text());
  }
  return texts.join("\n");
}

const source = await productSource();
const lowered = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
const mentions = (name: string) => new RegExp(`\\b${name}\\b`).test(source);

test("the page compares the oldest supported server and one in the middle", () => {
  expect(sections.map((section) => section.split("\n")[0])).toEqual([
    "Mattermost 10.11 (module v0.1.16)",
    "Mattermost 11.6 (module v0.3.0)",
  ]);
});

describe("the source uses nothing that an older server lacks", () => {
  for (const section of sections) {
    const [version = ""] = section.split("\n");
    test(version, () => {
      const methods = [
        ...row(section, "API methods it lacks"),
        ...row(section, "API methods with another signature"),
        ...row(section, "Hooks it lacks"),
      ];
      expect(methods.length).toBeGreaterThan(10);
      expect(methods.filter((name) => mentions(lowered(name)))).toEqual([]);
      const settings = row(section, "Settings it lacks").map((name) => name.split(".")[1] ?? "");
      expect(settings.length).toBeGreaterThan(10);
      expect(settings.filter((name) => new RegExp(`\\.${name}\\b`).test(source))).toEqual([]);
    });
  }

  test("the search finds methods and settings that are used", () => {
    expect(mentions("getUserByEmail")).toBe(true);
    expect(source).toMatch(/\.ShowFullName\b/);
  });
});
