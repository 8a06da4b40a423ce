/**
 * `npm run bench -- start [--rounds N]`: measures how the product itself starts under the official host, with
 * everything linked in: the time from exec to active (without the two SHA-256 that the server computes of the file
 * before), and its memory. Needs `npm run build`.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { ownPlatform } from "../build/executable.ts";
import { parseOptions } from "../build/options.ts";
import { Host, hasGo } from "../e2e/host/host.ts";
import { median } from "./median.ts";
import { sampleOf } from "./process.ts";

const { values: options } = parseOptions({
  options: { rounds: { type: "string", default: "9" }, quick: { type: "boolean" } },
  strict: false,
});
const bundle = join(import.meta.dir, "../dist/mission-collaboration");
const executable = join(bundle, `server/dist/plugin-${ownPlatform}`);
if (!hasGo || !existsSync(executable)) {
  console.log("Not run: this needs Go 1.26 or newer on the PATH, and `npm run build` before.");
  process.exit(0);
}

const host = await Host.start({ bundle });
const starts: number[] = [];
const activations: number[] = [];
/** Processor time, which does not depend on other load of the machine. */
const processorTimes: number[] = [];
const memory: { resident: number; anonymous: number }[] = [];
for (let round = 0; round < (options.quick ? 3 : Number(options.rounds)); round++) {
  host.events.length = 0;
  const asked = performance.now();
  const active = host.do("activate");
  let started = 0;
  while (!started) {
    if (host.events.some((event) => event.message === "starting plugin")) started = performance.now();
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await active;
  starts.push(performance.now() - started);
  activations.push(performance.now() - asked);
  const { pid } = await host.state();
  processorTimes.push(sampleOf(pid).processor * 1000);
  await Bun.sleep(500);
  memory.push(sampleOf(pid));
  await host.do("deactivate");
}
await host.stop();

console.log(`exec to active        ${median(starts).toFixed(1)} ms (goal: 50)`);
console.log(`  processor time      ${median(processorTimes).toFixed(0)} ms, of all threads`);
console.log(`activate, with hashes ${median(activations).toFixed(0)} ms`);
console.log(`RSS after start       ${median(memory.map((m) => m.resident)).toFixed(1)} MB`);
console.log(`  of it anonymous     ${median(memory.map((m) => m.anonymous)).toFixed(1)} MB`);
console.log(`executable            ${(statSync(executable).size / 1e6).toFixed(1)} MB`);
