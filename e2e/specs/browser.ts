/**
 * Starts Chromium with the flags of the specs. Flags belong to the browser, so this replaces Playwright's own start.
 */

import { fileURLToPath } from "node:url";
import { type Browser, test as base, chromium } from "@playwright/test";
import { findChromium } from "./chromium.ts";

export const test = base.extend<object, { browser: Browser }>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures it needs from the pattern.
    async ({}, use) => {
      const browser = await chromium.launch({
        executablePath: fileURLToPath(new URL("../tab/chromium.sh", import.meta.url)),
        env: { ...process.env, CHROMIUM: findChromium() ?? "" },
        args: ["--no-sandbox", "--disable-background-networking", "--test-third-party-cookie-phaseout"],
      });
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
});
