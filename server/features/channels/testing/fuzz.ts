/**
 * The two-sided test as a target of build/fuzz.ts. A difference between the sides is an error that names its seed.
 */

import { twoSided } from "./two-sided.ts";

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  readonly onProgress?: (done: number) => void;
}

export async function fuzzChannels({ count, seed, onProgress }: FuzzOptions) {
  let slowestMs = 0;
  let messages = 0;
  let kills = 0;
  for (let run = 0; run < count; run += 1) {
    const started = performance.now();
    const report = await twoSided(seed + run);
    slowestMs = Math.max(slowestMs, performance.now() - started);
    messages += report.messages;
    kills += report.kills;
    if (report.differences.length > 0)
      throw new Error(`seed ${seed + run}: ${report.differences.join("; ")}\n${report.actions.join("\n")}`);
    onProgress?.(run + 1);
  }
  return { inputs: count, accepted: messages, rejected: kills, incomplete: 0, slowestMs };
}
