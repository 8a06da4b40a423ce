/**
 * `npm run mutate [word]`: removes every check of the rooms that strangers reach, one after another, in a copy of the
 * source, and expects a test to fail: the named case, or any of the room's. A check whose removal no test notices has
 * no test. The word selects a room (sign-in, accounts, cards, door, code flow, webhook, conversions), a file or a
 * text.
 */

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "./architecture.ts";
import { mutations } from "./mutations/all.ts";
import type { Mutation } from "./mutations/mutation.ts";

/** The files that the tests need; everything else is left out. */
const COPIED = ["server", "e2e/sandbox", "webapp/src", "package.json", "plugin.json", "tsconfig.json"];

const word = process.argv[2] ?? "";
const chosen =
  mutations[word] ??
  Object.values(mutations)
    .flat()
    .filter(({ file, find, red }) => [file, find, red].some((text) => text.includes(word)));
const copy = mkdtempSync(join(tmpdir(), "mutate-"));
/** Several checks share a case, whose unchanged run happens once. */
const unchanged = new Map<string, string>();
let survived = 0;

try {
  for (const path of COPIED) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const mutation of chosen) {
    const problem = await attempt(mutation);
    if (problem !== null) survived++;
    const place = `${mutation.file.replace("server/", "")}: ${mutation.find.replaceAll(/\s+/g, " ").slice(0, 70)}`;
    console.log(
      problem === null ? `  red  ${place}` : `ALIVE  ${place}\n         ${mutation.red}\n         ${problem}`,
    );
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`\n${chosen.length - survived} of ${chosen.length} removed checks make a test fail`);
process.exit(survived === 0 ? 0 : 1);

/** Answers `null`, or why this mutation proves nothing. */
async function attempt({ file, find, replace, test, red }: Mutation): Promise<string | null> {
  const path = join(copy, file);
  const source = await Bun.file(path).text();
  if (source.split(find).length !== 2) return `the text is there ${source.split(find).length - 1} times`;
  const key = `${test} ${red}`;
  const before = unchanged.get(key) ?? (await run(test, red));
  unchanged.set(key, before);
  if (before !== "pass") return `the case does not pass unchanged: ${before}`;
  await Bun.write(
    path,
    source.replace(find, () => replace),
  );
  try {
    const after = await run(test, red);
    return after === "fail" ? null : `the case still ends with: ${after}`;
  } finally {
    await Bun.write(path, source);
  }
}

async function run(test: string, name: string): Promise<"pass" | "fail" | string> {
  const pattern = `^\\s*${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`;
  const only = name === "" ? [] : ["-t", pattern];
  const child = Bun.spawn([process.execPath, "test", ...test.split(" "), ...only, "--timeout", "60000"], {
    cwd: copy,
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = (await new Response(child.stderr).text()) + (await new Response(child.stdout).text());
  await child.exited;
  const count = (what: string) => Number(new RegExp(`^ *(\\d+) ${what}$`, "m").exec(output)?.[1] ?? 0);
  if (count("fail") > 0) return "fail";
  const ran = count("pass");
  if (name === "" ? ran > 0 : ran === 1) return "pass";
  return `${ran} cases ran; ${output.trim().split("\n").at(-1) ?? ""}`;
}
