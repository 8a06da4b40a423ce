/**
 * Generates the table *what leaves the server* of docs/security-and-privacy.md from the `leaves.ts` of each room.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import type { Leaving } from "../server/platform/leaving.ts";
import { root } from "./architecture.ts";

/** In the order in which a reader meets the floors: features, people, Microsoft, admin. */
const FLOORS = ["features", "people", "microsoft", "admin"];

export async function declaredLeavings(): Promise<Leaving[]> {
  const files = [...new Glob("server/**/leaves.ts").scanSync(root)].sort();
  const floorOf = (path: string) => FLOORS.indexOf(path.split("/")[1] ?? "");
  files.sort((a, b) => floorOf(a) - floorOf(b));
  const rooms = await Promise.all(
    files.map(async (path) => (await import(join(root, path))) as { leaves: readonly Leaving[] }),
  );
  return rooms.flatMap(({ leaves }) => leaves);
}

const HEAD = "| To | When | What |\n|---|---|---|\n";

export function withLeavings(page: string, leavings: readonly Leaving[]): string {
  const from = page.indexOf(HEAD) + HEAD.length;
  const to = page.indexOf("\n\n", from);
  if (from < HEAD.length || to < 0) throw new Error("docs/security-and-privacy.md has no such table");
  const rows = leavings.map(({ to: whom, when, what }) => `| ${whom} | ${when} | ${what} |`);
  return page.slice(0, from) + rows.join("\n") + page.slice(to);
}

export async function privacyPage(): Promise<string> {
  const page = readFileSync(join(root, "docs/security-and-privacy.md"), "utf8");
  return withLeavings(page, await declaredLeavings());
}
