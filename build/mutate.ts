/**
 * `npm run mutate [word]`: removes every check of the rooms that strangers reach, one after another, in a copy of the
 * source, and expects a test to fail: the named case, or any of the room's. A check whose removal no test notices has
 * no test. The word selects a subject (see build/mutations/all.ts), a file or a text.
 */

import { mutations } from "./mutations/all.ts";
import { MutationCopy } from "./mutations/copy.ts";
import type { Mutation } from "./mutations/mutation.ts";

const word = process.argv[2] ?? "";
const chosen = new Map<string, readonly Mutation[]>();
for (const [subject, all] of Object.entries(mutations)) {
  const some = all.filter(({ file, find, red }) => [file, find, red].some((text) => text.includes(word)));
  if (subject === word) chosen.set(subject, all);
  else if (!(word in mutations) && some.length > 0) chosen.set(subject, some);
}
if (chosen.size === 0) {
  console.error(
    `No subject, file or text is called "${word}". Subjects: ${Object.keys(mutations).join(", ")}.`,
  );
  process.exit(2);
}

const copy = new MutationCopy();
const rows: string[] = [];
let survived = 0;
try {
  const undeclared = await copy.undeclared([...chosen.values()].flat());
  for (const [subject, all] of chosen) {
    const started = performance.now();
    let killed = 0;
    console.log(`\n${subject}`);
    for (const mutation of all) {
      const problem = undeclared.get(mutation);
      const verdict = problem === undefined ? await copy.attempt(mutation) : { alive: problem };
      const place = `${mutation.file.replace("server/", "")}: ${mutation.find.replaceAll(/\s+/g, " ").slice(0, 70)}`;
      if ("red" in verdict) killed++;
      console.log(
        "red" in verdict
          ? `  red  ${place}${mutation.red === "" ? `\n         ${verdict.red}` : ""}`
          : `ALIVE  ${place}\n         ${mutation.red}\n         ${verdict.alive}`,
      );
    }
    survived += all.length - killed;
    rows.push(
      `| ${subject} | ${all.length} | ${killed} | ${Math.round((performance.now() - started) / 1000)} s |`,
    );
  }
} finally {
  copy.remove();
}
console.log(["\n| subject | mutations | killed | time |", "|---|---|---|---|", ...rows].join("\n"));
process.exit(survived === 0 ? 0 : 1);
