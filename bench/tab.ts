/**
 * Measures the tab in real Chromium with the real plugin (the sandbox), and third-party cookies blocked:
 *
 *   npm run bench -- tab [--rounds 9] [--token-delay 0]
 *
 * Cold is a browser context that has never seen the server; warm is the same context again. The baseline is
 * Mattermost itself, opened in its own window by a person who is signed in; the ratio is the cost of the tab.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { parseOptions } from "../build/options.ts";
import { findChromium } from "../e2e/specs/chromium.ts";
import { SandboxHandle, type TeamsPage } from "../e2e/specs/fixtures.ts";
import { median } from "./median.ts";

const { values } = parseOptions({
  options: { rounds: { type: "string", default: "9" }, "token-delay": { type: "string", default: "0" } },
});
const rounds = Number(values.rounds);

interface Opening {
  /** All in milliseconds; the first two since the request for the shell page. */
  readonly firstPaint: number;
  readonly tokenAsked: number;
  readonly sessionAnswered: number;
  readonly mattermostRequested: number;
  readonly postsVisible: number;
  readonly requests: number;
  readonly bytes: number;
}

const executablePath = fileURLToPath(new URL("../e2e/tab/chromium.sh", import.meta.url));
const path = findChromium();
if (!path) {
  console.error("The bench of the tab needs Chromium: install it, or set CHROMIUM to its path.");
  process.exit(1);
}
const sandbox = await SandboxHandle.start({ installed: true });
const browser = await chromium.launch({
  executablePath,
  env: { ...process.env, CHROMIUM: path },
  args: ["--no-sandbox", "--disable-background-networking", "--test-third-party-cookie-phaseout"],
});

const cold: Opening[] = [];
const warm: Opening[] = [];
const direct: number[] = [];
// Alternates, so that other load of the machine affects all of them.
for (let round = 0; round <= rounds; round++) {
  const context = await browser.newContext();
  const openings = [await openTab(context), await openTab(context)] as const;
  await context.close();
  const own = await openDirectly();
  // The first round warms the server and the disk cache.
  if (round === 0) continue;
  cold.push(openings[0]);
  warm.push(openings[1]);
  direct.push(own);
}
await browser.close();
await sandbox.stop();

const row = (name: string, unit: string, read: (opening: Opening) => number) =>
  console.log(
    `${name.padEnd(44)} ${unit.padEnd(3)} ${format(median(cold.map(read)))} ${format(median(warm.map(read)))}`,
  );
console.log(
  `${"".padEnd(44)}     ${"cold".padStart(8)} ${"warm".padStart(8)}   (medians of ${rounds} rounds)`,
);
row("shell page asked for → first paint", "ms", (one) => one.firstPaint);
row("shell page asked for → session asked for", "ms", (one) => one.tokenAsked);
row("token → session answered", "ms", (one) => one.sessionAnswered - one.tokenAsked);
row("session answered → Mattermost requested", "ms", (one) => one.mattermostRequested - one.sessionAnswered);
row("shell page asked for → Mattermost requested", "ms", (one) => one.mattermostRequested);
row("requests before Mattermost, warming included", "", (one) => one.requests);
row("bytes before Mattermost, warming included", "kB", (one) => one.bytes / 1000);
row("posts visible in the tab", "ms", (one) => one.postsVisible);
console.log(`${"posts visible in a window of its own".padEnd(44)} ms  ${format(median(direct))}`);
const ratio = (openings: Opening[]) => median(openings.map((one) => one.postsVisible)) / median(direct);
console.log(`${"tab / own window".padEnd(44)}     ${format(ratio(cold), 2)} ${format(ratio(warm), 2)}`);

const assets = new URL("../dist/mission-collaboration/public/tab/", import.meta.url);
const { script } = JSON.parse(readFileSync(new URL("assets.json", assets), "utf8")) as {
  script: { file: string };
};
const bytes = Bun.gzipSync(readFileSync(new URL(script.file, assets)), { level: 9 }).length;
console.log(`${"all scripts of the shell, gzipped".padEnd(44)} kB  ${format(bytes / 1000)}   (limit 130)`);
process.exit(0);

async function openTab(context: BrowserContext): Promise<Opening> {
  const page = await context.newPage();
  const query = values["token-delay"] === "0" ? {} : { tokenDelay: values["token-delay"] };
  const teams = await sandbox.openTeams(page, query);
  await teams.arrive("alex");
  const opening = await timesOf(page, teams);
  await page.close();
  return opening;
}

/** Times that the frames themselves recorded; `timeOrigin` aligns their clocks. */
async function timesOf(page: Page, teams: TeamsPage): Promise<Opening> {
  const shell = (await teams.shell.locator("html").evaluate(`(() => {
    const origin = performance.timeOrigin;
    const session = performance.getEntriesByType("resource").find((one) => one.name.endsWith("/api/v1/session"));
    const [navigation] = performance.getEntriesByType("navigation");
    const all = [navigation, ...performance.getEntriesByType("resource")].map((one) => ({
      at: one === navigation ? 0 : one.startTime, bytes: one.transferSize, frame: one.initiatorType === "iframe" }));
    return { origin, all, paint: performance.getEntriesByName("first-paint")[0]?.startTime ?? NaN,
      asked: session.startTime, answered: session.responseEnd };
  })()`)) as {
    origin: number;
    all: { at: number; bytes: number; frame: boolean }[];
    paint: number;
    asked: number;
    answered: number;
  };
  const mattermost = (await teams.mattermost.locator("html").evaluate("performance.timeOrigin")) as number;
  const visible = (await page.evaluate("performance.timeOrigin + performance.now()")) as number;
  const requested = mattermost - shell.origin;
  const before = shell.all.filter((one) => one.at < requested && !one.frame);
  return {
    firstPaint: shell.paint,
    tokenAsked: shell.asked,
    sessionAnswered: shell.answered,
    mattermostRequested: requested,
    postsVisible: visible - shell.origin,
    requests: before.length,
    bytes: before.reduce((sum, one) => sum + one.bytes, 0),
  };
}

async function openDirectly(): Promise<number> {
  const context = await browser.newContext();
  const first = await context.newPage();
  await sandbox.enter(first, "alex", "/");
  await first.locator(".post").first().waitFor();
  await first.close();
  // Signed in, but with a cold cache, like the tab's first opening.
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.clearBrowserCache");
  await page.goto(new URL(sandbox.info.colleagueUrl).origin);
  await page.locator(".post").first().waitFor();
  const took = (await page.evaluate("performance.now()")) as number;
  await context.close();
  return took;
}

function format(value: number, digits = 0): string {
  return value.toFixed(digits).padStart(8);
}
