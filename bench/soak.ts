/**
 * `npm run soak -- [--minutes 20] [--nodes 1] [--kill] [--older <executable>] [--people 30] [--every 30] [--pause 150]`
 *
 * Runs the built product with every feature on, between the stand-ins: sign-ins, mentions, chat messages, linked
 * messages in both directions, invitations, renewals, token refreshes, changed settings, the console. `--kill` kills one
 * node's process every minute with SIGKILL. `--older` starts with another executable, such as that of an earlier commit,
 * and upgrades to the built one node by node after a third of the time. At the end every message must have arrived
 * exactly once, and the processes must not hold more than before. `npm run soak:runtime` does the same for the runtime
 * alone, with clients that misbehave.
 */

import { loadavg } from "node:os";
import { parseOptions } from "../build/options.ts";
import { builtBundle } from "../e2e/built-bundle.ts";
import { sampleOf } from "./process.ts";
import { Workload } from "./soak/workload.ts";

const { values: options } = parseOptions({
  options: {
    minutes: { type: "string", default: "20" },
    nodes: { type: "string", default: "1" },
    kill: { type: "boolean", default: false },
    older: { type: "string" },
    people: { type: "string", default: "30" },
    every: { type: "string", default: "30" },
    pause: { type: "string", default: "150" },
  },
});
/**
 * How much more the last quarter of the run may hold than the second one, in the median. The first quarter and short
 * runs only warm up.
 */
const MAX_GROWTH_MB = 20;
const JUDGED_FROM_MINUTES = 15;
const ARRIVES_WITHIN_S = 180;
const WORKERS = 4;
const LOG_BEFORE_ERROR_MS = 5_000;

const nodes = Number(options.nodes);
const older = options.older === undefined ? {} : { command: [options.older] };
const workload = await Workload.start({ bundlePath: builtBundle(), nodes, ...older }, Number(options.people));
const { mattermost } = workload.sandbox;
mattermost.crashLimit = Number.POSITIVE_INFINITY;
const names = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`);
const until = Date.now() + Number(options.minutes) * 60_000;
const done: Record<string, number> = {};
const errors = new Map<string, number>();
let kills = 0;

const things: Record<string, { share: number; run: () => Promise<void> }> = {
  "sign-in": { share: 15, run: () => workload.signIn() },
  // Teams takes two activities a second.
  "mention in a channel": { share: 5, run: () => workload.mention() },
  "message of a chat": { share: 20, run: () => workload.chat() },
  "message of Teams in a linked channel": { share: 10, run: () => workload.fromTeams() },
  "message to Teams from a linked channel": { share: 10, run: () => workload.toTeams() },
  invitation: { share: 8, run: () => workload.invite() },
  "request to reauthorize": { share: 3, run: () => workload.reauthorize() },
  "changed settings": { share: 1, run: () => workload.changeSettings() },
  "page of the console, metrics": { share: 3, run: () => workload.look() },
};

interface Line {
  readonly resident: number;
  readonly files: number;
}
const lines: Line[] = [];
console.log("    time   MB of each node        files        done   kills   load");
await Bun.sleep(5_000);
look();
const watch = setInterval(look, Number(options.every) * 1_000);
const killing = options.kill ? setInterval(kill, 60_000) : undefined;
if (options.older !== undefined) setTimeout(() => void upgrade(), (Number(options.minutes) * 60_000) / 3);
await Promise.all(Array.from({ length: WORKERS }, worker));
clearInterval(killing);
clearInterval(watch);
for (const end = Date.now() + ARRIVES_WITHIN_S * 1_000; Date.now() < end; await Bun.sleep(500))
  if (workload.arrivals().lost.length === 0 && (await workload.activities()).waiting === 0) break;
// A duplicate arrives late.
await Bun.sleep(10_000);
const { lost, twice } = workload.arrivals();
const sent = Object.values(workload.sent).reduce((sum, { size }) => sum + size, 0);
console.log("at rest:");
await Bun.sleep(15_000);
look();
const { delivered, waiting } = await workload.activities();
workload.close();

for (const [name, count] of Object.entries(done)) console.log(`${String(count).padStart(9)}  ${name}`);
for (const [text, count] of errors) console.log(`${String(count).padStart(9)}  unexpected: ${text}`);
const quarter = lines.length >> 2;
const growth = median(lines.slice(3 * quarter, -1)) - median(lines.slice(quarter, 2 * quarter));
const leftFiles = (lines.at(-1)?.files ?? 0) - (lines[0]?.files ?? 0);
console.log(
  `${sent} messages and invitations, ${kills} processes killed: ${lost.length} lost, ${twice.length} twice. ` +
    `Last quarter against the second: ${growth.toFixed(1)} MB; open files at rest against start: ${leftFiles}.`,
);
console.log(`${delivered} activities in Teams, ${waiting} posts still wait for theirs.`);
if (lost.length > 0) console.log(`lost: ${lost.slice(0, 10).join(" ")}`);
if (twice.length > 0) console.log(`twice: ${twice.slice(0, 10).join(" ")}`);
// A killed process starts with little memory, and its clients see errors.
const steady = options.kill || Number(options.minutes) < JUDGED_FROM_MINUTES || growth <= MAX_GROWTH_MB;
const isWhole = lost.length === 0 && twice.length === 0 && delivered > 0 && waiting === 0;
process.exit(isWhole && steady && (options.kill || errors.size === 0) ? 0 : 1);

async function worker(): Promise<void> {
  const total = Object.values(things).reduce((sum, { share }) => sum + share, 0);
  while (Date.now() < until) {
    let at = Math.random() * total;
    for (const [name, { run, share }] of Object.entries(things)) {
      at -= share;
      if (at >= 0) continue;
      await run().then(
        () => {
          done[name] = (done[name] ?? 0) + 1;
        },
        (error: unknown) => {
          const text = `${name}: ${error instanceof Error ? error.message : error}`;
          if (!errors.has(text)) showLog(text);
          errors.set(text, (errors.get(text) ?? 0) + 1);
        },
      );
      break;
    }
    await Bun.sleep(Number(options.pause));
  }
}

/** Prints what the processes logged just before a new kind of error. */
function showLog(text: string): void {
  console.log(`unexpected: ${text}`);
  const from = Date.now() - LOG_BEFORE_ERROR_MS;
  for (const { at, node, level, message, fields } of workload.sandbox.world.logs)
    if (at >= from && level !== "debug")
      console.log(`  ${new Date(at).toISOString()} ${node} ${level} ${message} ${JSON.stringify(fields)}`);
}

function kill(): void {
  mattermost.crash(names[kills % names.length] ?? "");
  kills += 1;
}

/** Upgrades node by node, while the others continue with the older version. */
async function upgrade(): Promise<void> {
  mattermost.command = undefined;
  for (const name of names) {
    console.log(`upgrade of ${name}`);
    mattermost.crash(name);
    await Bun.sleep(15_000);
  }
}

function look(): void {
  const samples = names.flatMap((name) => {
    const pid = mattermost.process(name)?.pid;
    try {
      return pid === undefined ? [] : sampleOf(pid);
    } catch {
      return [];
    }
  });
  if (samples.length < names.length) return;
  const resident = samples.reduce((sum, one) => sum + one.resident, 0);
  const files = samples.reduce((sum, one) => sum + one.files, 0);
  lines.push({ resident, files });
  const elapsed = new Date(Number(options.minutes) * 60_000 - (until - Date.now()))
    .toISOString()
    .slice(11, 19);
  const total = Object.values(done).reduce((sum, count) => sum + count, 0);
  const each = samples.map((one) => one.resident.toFixed(0)).join(" + ");
  console.log(
    `${elapsed}   ${each.padEnd(20)} ${String(files).padStart(6)} ${String(total).padStart(11)} ${String(kills).padStart(7)} ` +
      `${(loadavg()[0] ?? 0).toFixed(1).padStart(6)}`,
  );
}

function median(list: readonly Line[]): number {
  const sorted = list.map(({ resident }) => resident).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
