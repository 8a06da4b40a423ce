/** Shared code of the two fuzzers in this folder: seeded randomness, mutation and the report. */
import type { FuzzReport } from "../../gob/testing/fuzz.ts";
import { Random } from "../../gob/testing/fuzz.ts";

export { mutate, Random } from "../../gob/testing/fuzz.ts";
export type { FuzzReport };

export interface FuzzOptions {
  readonly count: number;
  /** The same seed produces the same inputs. */
  readonly seed: number;
  readonly onProgress?: (done: number) => void;
}

export type Outcome = "accepted" | "rejected" | "incomplete";

/** Limit in processor time, which does not depend on other load on the machine. Inputs are a few kilobytes. */
const HANG_MS = 2000;

/** Runs `attempt` on `count` inputs. When it throws, the error contains the input that found the fault. */
export async function fuzz(
  name: string,
  { count, seed, onProgress }: FuzzOptions,
  makeInput: (random: Random) => Uint8Array,
  attempt: (input: Uint8Array, random: Random) => Promise<Outcome>,
): Promise<FuzzReport> {
  const report = { inputs: 0, accepted: 0, rejected: 0, incomplete: 0, slowestMs: 0 };
  for (let i = 0; i < count; i++) {
    const random = new Random(seed, i);
    const input = makeInput(random);
    const started = process.threadCpuUsage();
    try {
      report[await attempt(input, random)]++;
    } catch (cause) {
      const hex = Buffer.from(input).toString("hex").slice(0, 4000);
      throw new Error(`${name} fuzz: seed ${seed}, input ${i}: ${hex}`, { cause });
    }
    const { user, system } = process.threadCpuUsage(started);
    const took = (user + system) / 1000;
    if (took > HANG_MS) throw new Error(`${name} fuzz: seed ${seed}, input ${i} took ${took.toFixed(0)} ms`);
    report.slowestMs = Math.max(report.slowestMs, took);
    report.inputs++;
    if (i % 10_000 === 9_999) onProgress?.(i + 1);
  }
  return report;
}

/** Cuts bytes into pieces of random sizes. */
export function* pieces(input: Uint8Array, random: Random): Generator<Uint8Array> {
  for (let at = 0; at < input.length; ) {
    const piece = input.slice(at, at + 1 + random.below(random.below(3) === 0 ? 4096 : 40));
    at += piece.length;
    yield piece;
  }
}
