// The documents are read without us: every link leads somewhere, every command exists.
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./architecture.ts";

const listed = Bun.spawnSync(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
});
const documents = listed.stdout.toString().trim().split("\n").sort();
const texts = new Map<string, string>();
for (const path of documents) texts.set(path, await Bun.file(join(root, path)).text());
const scripts = Object.keys((await Bun.file(join(root, "package.json")).json()).scripts);

/** GitHub's anchors: lower case, punctuation dropped, spaces to hyphens. */
function anchors(markdown: string): string[] {
  const headings = withoutCode(markdown).matchAll(/^#{1,6} (.+)$/gm);
  return [...headings].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}

const withoutCode = (markdown: string) => markdown.replace(/^```[\s\S]*?^```/gm, "");

for (const [path, text] of texts) {
  describe(path, () => {
    test("every link leads to a file or heading that exists", () => {
      const dead: string[] = [];
      for (const [, target = ""] of withoutCode(text)
        .replace(/`[^`\n]*`/g, "")
        .matchAll(/\]\(([^)\s]+)[^)]*\)/g)) {
        if (/^(https?|mailto):/.test(target)) continue;
        const [file = "", anchor] = target.split("#");
        const linked = file === "" ? path : join(dirname(path), file);
        if (!existsSync(join(root, linked))) dead.push(target);
        else if (anchor !== undefined && !anchors(texts.get(linked) ?? "").includes(anchor))
          dead.push(target);
      }
      expect(dead).toEqual([]);
    });

    test("every npm script it names exists", () => {
      const named = [...text.matchAll(/\bnpm (?:run ([a-z][\w:-]*)|(start|test)\b)/g)].map(
        (match) => match[1] ?? match[2] ?? "",
      );
      expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
    });
  });
}

test("the documents are found", () => {
  expect(documents).toContain("CONTRIBUTING.md");
});
