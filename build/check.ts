/** `npm run check`: format, lint, types, architecture and unit tests; under a minute. */

import { accessSync, constants, mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { root } from "./architecture.ts";
import { runSteps, type Step } from "./steps.ts";

const bun = process.execPath;

/** The compiler reads again only what has changed since the last run, where the checkout can be written to. */
function types(name: string, project: string): Step {
  const command = ["node_modules/.bin/tsc", "-p", project];
  const cache = join(root, ".cache");
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
  } catch {
    return { name: `types: ${name}`, command, alongside: true };
  }
  const info = join(cache, `types-${project === "." ? "server" : project}.tsbuildinfo`);
  return {
    name: `types: ${name}`,
    command: [...command, "--incremental", "--tsBuildInfoFile", info],
    alongside: true,
  };
}

export const checkSteps: readonly Step[] = [
  {
    name: "format and lint (Biome)",
    command: ["node_modules/.bin/biome", "ci", "--colors=off", "--diagnostic-level=warn", "."],
    alongside: true,
  },
  types("server, build, tests", "."),
  types("web half", "webapp"),
  {
    name: "unit and architecture tests",
    command: [
      bun,
      "test",
      // Some files wait for sockets and clocks: two more than there are processors keep them busy.
      `--parallel=${availableParallelism() + 2}`,
      "--timeout",
      "60000",
      "server/",
      "webapp/",
      "build/",
      "manifest-template/",
      "e2e/sandbox/",
      "e2e/compose/",
    ],
  },
];

if (import.meta.main) process.exit(await runSteps(checkSteps));
