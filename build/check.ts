/** `npm run check`: format, lint, types, architecture and unit tests; under a minute. */

import { runSteps, type Step } from "./steps.ts";

const bun = process.execPath;

export const checkSteps: readonly Step[] = [
  {
    name: "format and lint (Biome)",
    command: ["node_modules/.bin/biome", "ci", "--colors=off", "--diagnostic-level=warn", "."],
  },
  { name: "types: server, build, tests", command: ["node_modules/.bin/tsc", "-p", "."] },
  { name: "types: web half", command: ["node_modules/.bin/tsc", "-p", "webapp"] },
  {
    name: "unit and architecture tests",
    command: [
      bun,
      "test",
      "--parallel=2",
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
