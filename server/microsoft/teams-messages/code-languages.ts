/** Maps the language after a Markdown fence to Teams' name for it. */

import { lazy } from "../../runtime/lazy.ts";

const NAMES: Readonly<Record<string, string>> = {
  Bash: "bash sh shell zsh console",
  C: "c",
  "C++": "cpp c++ cc cxx hpp",
  "C#": "cs csharp c#",
  CSS: "css",
  Dart: "dart",
  Dockerfile: "dockerfile docker",
  Go: "go golang",
  HTML: "html htm",
  Java: "java",
  JavaScript: "js javascript jsx mjs node",
  JSON: "json",
  Kotlin: "kotlin kt",
  Lua: "lua",
  Markdown: "markdown md",
  "Objective-C": "objc objectivec objective-c",
  Perl: "perl pl",
  PHP: "php",
  PowerShell: "powershell ps ps1 pwsh",
  Python: "python py",
  R: "r",
  Ruby: "ruby rb",
  Rust: "rust rs",
  Scala: "scala",
  SQL: "sql",
  Swift: "swift",
  TypeScript: "ts typescript tsx",
  XML: "xml",
  YAML: "yaml yml",
};

const byWord = lazy(
  () =>
    new Map(
      Object.entries(NAMES).flatMap(([name, all]) => all.split(" ").map((word) => [word, name] as const)),
    ),
);

/** Returns null when Teams does not know the language; the block then gets none. */
export const teamsLanguage = (word: string): string | null => byWord().get(word.toLowerCase()) ?? null;
