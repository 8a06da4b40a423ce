/** Runs the browser specs with the Chromium of this machine: `npm run test:browser [-- <Playwright's arguments>]`. */

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
// Playwright's runner is made for Node; the sandbox it starts runs on Bun.
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
    env: { ...process.env, CHROMIUM: chromium, FORCE_COLOR: "0" },
    stdio: ["ignore", "inherit", "inherit"],
  },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
process.exit(await child.exited);
