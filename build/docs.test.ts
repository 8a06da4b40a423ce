// Checks the documents for readers: every link leads somewhere, and every command and path exists.
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./architecture.ts";

const listed = Bun.spawnSync(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
});
const documents = listed.stdout.toString().trim().split("\n").sort();
const tracked = Bun.spawnSync(["git", "ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
})
  .stdout.toString()
  .trim()
  .split("\n");
const commandLine = await Bun.file(join(root, "server/admin/command-line.ts")).text();
const texts = new Map<string, string>();
for (const path of documents) texts.set(path, await Bun.file(join(root, path)).text());
const scripts = Object.keys((await Bun.file(join(root, "package.json")).json()).scripts);

/** GitHub's anchors: lower case, without punctuation, hyphens for spaces. */
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

/** Repository folders: a path in backticks that begins with one of them must exist. */
const folders = [...new Set(tracked.map((path) => path.split("/")[0] ?? ""))].filter((name) =>
  /^[\w.-]+$/.test(name),
);

/**
 * Matches `server/runtime/gob`, `e2e/specs/*.pw.ts`, `build/x.ts:12`; not build output, and no pattern with a
 * placeholder.
 */
function deadPaths(text: string): string[] {
  const named = [...withoutCode(text).matchAll(/`([\w@.-]+(?:\/[\w@.*-]+)+)\/?(?::\d+)?`/g)].map(
    ([, path = ""]) => path,
  );
  return named.filter((path) => {
    const [top = ""] = path.split("/");
    if (!folders.includes(top) || !existsSync(join(root, top)) || MADE.test(path)) return false;
    if (path.includes("*")) return !tracked.some((one) => new Bun.Glob(path).match(one));
    return !existsSync(join(root, path)) && !tracked.some((one) => one.startsWith(`${path}.`));
  });
}

/** Inside a bundle these names mean other places. */
const MADE = /^(server\/dist|webapp\/dist|public)\b/;

/** mmctl of Mattermost 10.11, with the commands that our documents use. */
const MMCTL = [
  "plugin add",
  "plugin delete",
  "plugin disable",
  "plugin enable",
  "plugin list",
  "user deactivate",
  "config patch",
  "config set",
];
/** Tools that the documents may call without explaining them. */
const TOOLS =
  /^(mmctl|npm|npx|node|docker|promtool|gpg|sha256sum|git|openssl|psql|curl|plugin-linux-amd64|tar)$/;

/** The fault of a command in a document; empty if the command is valid. */
function wrong(command: string): string {
  const words = command
    .replace(/\s+#.*$/, "")
    .trim()
    .split(/\s+/);
  const [tool = ""] = words;
  const plain = words.filter((word) => !word.startsWith("-"));
  switch (tool) {
    case "mmctl":
      return MMCTL.includes(plain.slice(1, 3).join(" ")) ? "" : "no such mmctl command";
    case "npm":
      if (words[1] === "run" && words[2] === "bench" && words[4] !== undefined)
        return existsSync(join(root, `bench/${words[4]}.ts`)) ? "" : "no such bench";
      return /^(ci|i|install|run|start|test)$/.test(words[1] ?? "") ? "" : "no such npm command";
    case "plugin-linux-amd64": {
      const unknown = words.filter((word) => word.startsWith("--") && !commandLine.includes(word.slice(2)));
      return unknown.length > 0 ? `no such option: ${unknown.join(" ")}` : "";
    }
    default: {
      const missing = words
        .slice(1)
        .filter((word) => /^(build|docs|e2e|bench)\/\S+\.\w+$/.test(word) && !existsSync(join(root, word)));
      return missing.length > 0 ? `no such file: ${missing.join(" ")}` : "";
    }
  }
}

/** All lines of code blocks that are commands by their first word, and all blocks marked as shell. */
function wrongCommands(text: string): string[] {
  return [...text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```/gm)].flatMap(([, language = "", block = ""]) => {
    const shell = /^(sh|bash|shell|console)$/.test(language);
    return block
      .split("\n")
      .map((line) => line.replace(/^ *\$ /, "").trim())
      .filter((line) => line !== "" && !line.startsWith("#"))
      .flatMap((line) => line.split(" && "))
      .flatMap((line) => {
        const tool = line.split(" ")[0] ?? "";
        if (!TOOLS.test(tool)) return shell && !tool.includes("=") ? [`${line}: unknown tool`] : [];
        const says = wrong(line);
        return says === "" ? [] : [`${line}: ${says}`];
      });
  });
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

    test("every command in it is valid", () => {
      expect(wrongCommands(text)).toEqual([]);
    });

    test("every path of the repository that it names exists", () => {
      expect(deadPaths(text)).toEqual([]);
    });

    test("every npm script it names exists", () => {
      const named = [...text.matchAll(/\bnpm (?:run ([a-z][\w:-]*)|(start|test)\b)/g)].map(
        (match) => match[1] ?? match[2] ?? "",
      );
      expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
    });
  });
}

describe("the checks of commands and paths", () => {
  const block = (line: string) => `\`\`\`sh\n${line}\n\`\`\`\n`;
  for (const line of [
    "mmctl --local plugin upload x",
    "npm frobnicate",
    "npm run bench -- nothing",
    "plugin-linux-amd64 setup --no-such-thing",
    "promtool check rules docs/monitoring/nothing.yml",
    "frobnicate it",
  ]) {
    test(`reports ${line}`, () => expect(wrongCommands(block(line))).toHaveLength(1));
  }
  for (const line of ["mmctl --local plugin list", "npm run bench -- scale", "npm ci && npm test"]) {
    test(`accepts ${line}`, () => expect(wrongCommands(block(line))).toEqual([]));
  }
  test("reports a path that does not exist", () => {
    const text =
      "`server/runtime/gob`, `e2e/specs/*.pw.ts`, `server/dist/plugin-linux-amd64`, `api/v4/x`, `server/nothing.ts`";
    expect(deadPaths(text)).toEqual(["server/nothing.ts"]);
  });
});

const sources = tracked.filter(
  (one) => /\.(tsx?|go|mjs|ya?ml)$/.test(one) && one !== "build/docs.test.ts" && existsSync(join(root, one)),
);

describe("citations of documents in comments", () => {
  const cited = /\b(docs\/facts\/)?((?:microsoft(?:-chat|-calendar)?|timezones)\.md)(?: (\d+(?:\.\d+)?))?/g;
  const facts = (name: string) => texts.get(`docs/facts/${name}`) ?? "";
  const deadFacts = (text: string) =>
    [...text.matchAll(cited)]
      .filter(([, folder, name = "", section]) => {
        if (!folder || facts(name) === "") return true;
        return (
          section !== undefined && !new RegExp(`^#+ ${section.replace(".", "\\.")}\\b`, "m").test(facts(name))
        );
      })
      .map(([whole]) => whole);

  /** Documents of others: hashicorp's spec.md of yamux, a file name inside a test. */
  const FOREIGN = /^(spec|readme)\.md$/;
  const comments = (text: string) =>
    [...text.matchAll(/\/\*[\s\S]*?\*\/|\/\/.*$|^\s*#.*$/gm)].map(([comment]) => comment).join("\n");
  /** `docs/errors.md` from the root, `README.md` from the root or beside the file. */
  const deadDocuments = (path: string, text: string) =>
    [...comments(text).matchAll(/(?<![\w/:.-])(?:\.{1,2}\/)*[\w@-]+(?:[/.][\w@-]+)*\.md\b/g)]
      .map(([name]) => name)
      .filter((name) => !FOREIGN.test(name))
      .filter((name) => !existsSync(join(root, name)) && !existsSync(join(root, dirname(path), name)));

  const wrongIn = async (dead: (path: string, text: string) => string[]) => {
    const wrong: string[] = [];
    for (const path of sources) {
      const text = await Bun.file(join(root, path)).text();
      wrong.push(...dead(path, text).map((what) => `${path}: ${what}`));
    }
    return wrong;
  };

  test("of facts name a page in docs/facts and an existing section", async () => {
    expect(await wrongIn((_, text) => deadFacts(text))).toEqual([]);
  });

  test("of other documents name an existing file", async () => {
    expect(await wrongIn(deadDocuments)).toEqual([]);
  });

  test("of facts are reported if the page or the section does not exist", () => {
    expect(deadFacts("docs/facts/microsoft.md 5.2 and docs/facts/microsoft-chat.md 3.4")).toEqual([]);
    expect(
      deadFacts("microsoft.md 5.2, docs/facts/microsoft.md 5.9, docs/facts/microsoft-chat.md 99"),
    ).toHaveLength(3);
  });

  test("of other documents are reported if the file exists neither in the root nor beside the source", () => {
    const path = "server/main.ts";
    expect(deadDocuments(path, "// docs/errors.md, README.md, see spec.md\n")).toEqual([]);
    expect(deadDocuments(path, "/** docs/nothing.md and\n * design.md */ // ./missing.md")).toEqual([
      "docs/nothing.md",
      "design.md",
      "./missing.md",
    ]);
    expect(deadDocuments(path, 'open("docs/nothing.md");')).toEqual([]);
  });
});

test("every picture in docs/images is shown in a document", () => {
  const pictures = tracked.filter((path) => path.startsWith("docs/images/") && existsSync(join(root, path)));
  expect(pictures.length).toBeGreaterThan(20);
  const all = [...texts.values()].join("\n");
  expect(pictures.filter((path) => !all.includes(path.replace("docs/", "")))).toEqual([]);
});

test("CONTRIBUTING.md is among the checked documents", () => {
  expect(documents).toContain("CONTRIBUTING.md");
});
