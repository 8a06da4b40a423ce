/** Finds Chromium on this machine. Runs on Bun (run.ts) and on Node (Playwright's workers). */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";

const usual = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** CHROMIUM, else the system's, else Playwright's own; null if there is none. */
export function findChromium(): string | null {
  const asked = process.env.CHROMIUM;
  if (asked) return existsSync(asked) ? asked : null;
  return [...usual, chromium.executablePath()].find((path) => existsSync(path)) ?? null;
}

/**
 * Installs Chromium if that needs no interaction: apt as root, else Playwright's download. Answers null if neither
 * works.
 */
export function installChromium(): string | null {
  const attempts: [string, string[]][] = [["npx", ["playwright", "install", "chromium"]]];
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get"))
    // A bare machine has no package lists yet.
    attempts.unshift([
      "sh",
      ["-c", "apt-get update -q && apt-get install -y -q --no-install-recommends chromium"],
    ]);
  for (const [command, args] of attempts) {
    console.error(`Chromium is missing: trying ${command} ${args.join(" ")}`);
    try {
      execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"], timeout: 300_000 });
    } catch {
      continue;
    }
    const found = findChromium();
    if (found) return found;
  }
  return null;
}
