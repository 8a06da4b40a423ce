// Tests that package, plugin, changelog and documents name the same version.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "./architecture.ts";

const read = (path: string) => Bun.file(join(root, path)).text();
const { version } = JSON.parse(await read("package.json")) as { version: string };
const minor = version.split(".").slice(0, 2).join(".");

test("package.json, package-lock.json, plugin.json and CHANGELOG.md name the same version", async () => {
  expect(JSON.parse(await read("plugin.json")).version).toBe(version);
  const lock = JSON.parse(await read("package-lock.json"));
  expect([lock.version, lock.packages[""].version]).toEqual([version, version]);
  const newest = /^## \[(.+?)\]/m.exec(await read("CHANGELOG.md"))?.[1];
  expect(newest).toBe(version);
});

/** Versions of ours in a document: of bundles, of tables, of sentences. */
const versionsIn = (text: string) =>
  [
    ...text.matchAll(/mission-collaboration-(\d+\.\d+\.\d+)-/g),
    ...text.matchAll(/\b(?:Bundle of|about version) (\d+\.\d+\.\d+)/g),
    ...text.matchAll(/newest release of (\d+\.\d+)\b/g),
  ].map(([, named = ""]) => named);

describe("the version in documents", () => {
  for (const [path, count] of Object.entries({
    "docs/operations.md": 1,
    "docs/release.md": 3,
    "docs/security-officer.md": 3,
    "SECURITY.md": 1,
  }))
    test(path, async () => {
      const named = versionsIn(await read(path));
      expect(named).toHaveLength(count);
      expect(named.filter((one) => one !== version && one !== minor)).toEqual([]);
    });

  test("an older version is found", () => {
    expect(versionsIn("mission-collaboration-0.0.9-linux-amd64.tar.gz, the newest release of 0.0")).toEqual([
      "0.0.9",
      "0.0",
    ]);
  });
});

test("operations.md has notes for an upgrade to this version", async () => {
  expect(await read("docs/operations.md")).toMatch(
    new RegExp(`^### From \\d+\\.\\d+ to ${minor.replace(".", "\\.")}$`, "m"),
  );
});
