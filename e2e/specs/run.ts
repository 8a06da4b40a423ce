/** Runs the browser specs with this machine's Chromium: `npm run test:browser [-- <Playwright's arguments>]`. */

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium, installChromium } from "./chromium.ts";

const root = join(import.meta.dir, "../..");
const chromium = findChromium() ?? (process.env.CHROMIUM ? null : installChromium());
if (!chromium) {
  console.error(
    process.env.CHROMIUM
      ? `CHROMIUM names ${process.env.CHROMIUM}, which is not there.`
      : "The browser specs need Chromium: install it (Debian: apt install chromium), or set CHROMIUM to its path.",
  );
  process.exit(1);
}
// A copy, so that a parallel build does not remove the executable under a running spec.
const copy = await mkdtemp(join(tmpdir(), "mission-collaboration-"));
await cp(join(root, "dist/mission-collaboration"), copy, { recursive: true });

// Playwright's runner needs Node; the sandbox that it starts runs on Bun.
const child = Bun.spawn(
  [
    "node",
    "node_modules/@playwright/test/cli.js",
    "test",
    "-c",
    "e2e/playwright.config.ts",
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    env: {
      ...process.env,
      CHROMIUM: chromium,
      SANDBOX_BUNDLE: copy,
      FORCE_COLOR: "0",
      // In the environment, because Playwright's workers need it too.
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import=${new URL("text-imports.mjs", import.meta.url)}`,
    },
    stdio: ["ignore", "inherit", "inherit"],
  },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
const code = await child.exited;
await rm(copy, { recursive: true, force: true });
process.exit(code);
