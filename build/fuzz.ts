/**
 * `npm run fuzz -- <gob|yamux|rpc|all> [--count N] [--seed S]`: feeds mutated input to the protocol layers. `npm run
 * fuzz -- channels [--count N] [--seed S]`: simulates random people on both sides of a linked channel, see
 * server/features/channels/testing/two-sided.ts. A run takes a fraction of a second, so it is not part of `all`. Only
 * a ProtocolError may result: no other error, no hang, no growth of memory. A failure prints the seed and the input
 * that reproduce it.
 */

import { type FuzzReport, fuzz as fuzzGob } from "../server/runtime/gob/testing/fuzz.ts";
import type { FuzzOptions } from "../server/runtime/goplugin/testing/fuzz-input.ts";
import { fuzzRpc } from "../server/runtime/goplugin/testing/fuzz-rpc.ts";
import { fuzzYamux } from "../server/runtime/goplugin/testing/fuzz-yamux.ts";
import { parseOptions } from "./options.ts";

const targets: Record<string, (options: FuzzOptions) => FuzzReport | Promise<FuzzReport>> = {
  gob: fuzzGob,
  yamux: fuzzYamux,
  rpc: fuzzRpc,
};

const longTargets: typeof targets = {
  channels: async (options) =>
    (await import("../server/features/channels/testing/fuzz.ts")).fuzzChannels(options),
};

/** Memory that all inputs together may leave behind: caches that fill once, nothing per input. */
const MAX_GROWTH_MB = 32;

const { values, positionals } = parseOptions({
  options: { count: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } },
  allowPositionals: true,
});
const [chosen = "all"] = positionals;
const names = chosen === "all" ? Object.keys(targets) : [chosen];
const count = Number(values.count);
const seed = Number(values.seed);
if (names.some((name) => !(targets[name] ?? longTargets[name])) || !(count > 0) || !Number.isInteger(seed)) {
  console.error("Usage: npm run fuzz -- <gob|yamux|rpc|channels|all> [--count N] [--seed S]");
  process.exit(2);
}

for (const name of names) {
  const target = (targets[name] ?? longTargets[name]) as (typeof targets)[string];
  await target({ count: Math.min(count, targets[name] ? 5000 : 5), seed: seed + 1 }); // fills caches and compiles
  const before = heapMegabytes();
  const started = performance.now();
  const report = await target({
    count,
    seed,
    onProgress: (done) => process.stdout.isTTY && process.stdout.write(`\r${name}: ${done} of ${count} `),
  });
  const grown = heapMegabytes() - before;
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${process.stdout.isTTY ? "\r" : ""}${name}: ${report.inputs} inputs in ${seconds.toFixed(1)} s: ` +
      `${report.accepted} accepted, ${report.rejected} rejected, ${report.incomplete} incomplete; ` +
      `slowest ${report.slowestMs.toFixed(0)} ms; heap ${grown >= 0 ? "+" : ""}${grown.toFixed(1)} MB`,
  );
  if (grown > MAX_GROWTH_MB) {
    console.error(`${name}: the heap grew by more than ${MAX_GROWTH_MB} MB.`);
    process.exit(1);
  }
}

function heapMegabytes(): number {
  Bun.gc(true);
  return process.memoryUsage().heapUsed / 2 ** 20;
}
