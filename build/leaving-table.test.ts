import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { root } from "./architecture.ts";
import { privacyPage, withLeavings } from "./leaving-table.ts";

test("the table of the data that leaves the server is fresh: npm run generate", async () =>
  expect(await privacyPage()).toBe(readFileSync(join(root, "docs/security-and-privacy.md"), "utf8")));

test("each declared transfer is a row of the table", () => {
  const page = "a\n\n| To | When | What |\n|---|---|---|\n| old | old | old |\n\nb";
  const tea = { to: "Graph", when: "tea is made", what: "its colour" } as const;
  expect(withLeavings(page, [tea])).toBe(
    "a\n\n| To | When | What |\n|---|---|---|\n| Graph | tea is made | its colour |\n\nb",
  );
  expect(() => withLeavings("no table", [tea])).toThrow("no such table");
});

test("every feature that calls Graph declares what it sends", () => {
  const rooms = [...new Glob("server/features/*/").scanSync({ cwd: root, onlyFiles: false })];
  const calling = rooms.filter((room) =>
    [...new Glob("**/*.ts").scanSync(join(root, room))].some(
      (file) =>
        !/\.test\.ts$|testing\//.test(file) &&
        /from "[./]+microsoft\/graph/.test(readFileSync(join(root, room, file), "utf8")),
    ),
  );
  expect(calling.length).toBeGreaterThan(0);
  expect(calling.filter((room) => !existsSync(join(root, room, "leaves.ts")))).toEqual([]);
});
