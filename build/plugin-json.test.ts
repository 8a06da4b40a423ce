import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./architecture.ts";
import { adminGuide, pluginJson } from "./plugin-json.ts";

const file = (path: string) => readFileSync(join(root, path), "utf8");

test("plugin.json is fresh: npm run generate", () => expect(pluginJson()).toBe(file("plugin.json")));

test("the table of settings in the admin guide is fresh: npm run generate", () =>
  expect(adminGuide()).toBe(file("docs/admin-guide.md")));
