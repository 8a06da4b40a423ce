/** `npm run check`: format, lint, types, architecture and the quick unit tests; under a minute. */

import { accessSync, constants, mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { root } from "./architecture.ts";
import { runSteps, type Step } from "./steps.ts";

const bun = process.execPath;

const cache = join(root, ".cache");

function cacheIsWritable(): boolean {
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The compiler reads only what has changed since the last run, if the checkout is writable.
 */
function types(name: string, project: string): Step {
  const command = ["node_modules/.bin/tsc", "-p", project];
  if (!cacheIsWritable()) return { name: `types: ${name}`, command, alongside: true };
  const info = join(cache, `types-${project === "." ? "server" : project}.tsbuildinfo`);
  return {
    name: `types: ${name}`,
    command: [...command, "--incremental", "--tsBuildInfoFile", info],
    alongside: true,
  };
}

/**
 * Each of these takes seconds of processor time: killed or racing processes, thousands of random or hostile inputs,
 * days on which the clock changes, messages of a megabyte, the Go side of yamux. A change in another room hardly ever
 * breaks them, and `npm test` runs them.
 */
export const LONG = [
  ...["kill", "race", "races", "fuzz", "serve.fuzz", "properties", "post-properties", "two-sided", "limits"],
  ...["hostile", "hostile-*", "chance", "dst", "interop/*"],
];

function unitTests(name: string, ignored: readonly string[]): Step {
  const command = [bun, "test", "--timeout", "60000"];
  // Some files wait for sockets and clocks: two more workers than processors keep the machine busy.
  command.push(`--parallel=${availableParallelism() + 2}`);
  // The slowest files of the last run start first, so that none runs alone at the end.
  if (cacheIsWritable()) command.push("--timings", join(cache, "test-timings.json"), "--update-timings");
  for (const one of ignored) command.push("--path-ignore-patterns", `**/${one}.test.ts`);
  return {
    name,
    command: [
      ...command,
      ...["server/", "webapp/", "build/", "manifest-template/", "e2e/sandbox/", "e2e/compose/"],
    ],
  };
}

const lintAndTypes: readonly Step[] = [
  {
    name: "format and lint (Biome)",
    command: ["node_modules/.bin/biome", "ci", "--colors=off", "--diagnostic-level=warn", "."],
    alongside: true,
  },
  types("server, build, tests", "."),
  types("web half", "webapp"),
];

/** For `npm test`, with the long unit tests. */
export const fullCheckSteps: readonly Step[] = [
  ...lintAndTypes,
  unitTests("unit and architecture tests", []),
];

if (import.meta.main) {
  const quick = unitTests("unit and architecture tests, without the long ones (npm test has them)", LONG);
  process.exit(await runSteps([...lintAndTypes, quick]));
}
