import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { any, Decoder, INCOMPLETE, ProtocolError, Tagged, type Type } from "../index.ts";
import { goldenRegistry, typesIn, vectors } from "./golden.ts";

/** A stream to mutate, and the types of its values. */
export interface Seed {
  readonly stream: Uint8Array;
  readonly types: readonly Type<unknown>[];
}

export interface FuzzOptions {
  readonly count: number;
  /** The same seed produces the same inputs. */
  readonly seed: number;
  readonly seeds?: readonly Seed[];
  readonly onProgress?: (done: number) => void;
}

export interface FuzzReport {
  readonly inputs: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly incomplete: number;
  /** The longest time that any input took, in milliseconds of processor time. */
  readonly slowestMs: number;
}

/** Throws when an input breaks a guarantee of the decoder; the message names the input by `--seed` and number. */
export function fuzz({ count, seed, seeds = allSeeds(), onProgress }: FuzzOptions): FuzzReport {
  const report = { inputs: 0, accepted: 0, rejected: 0, incomplete: 0, slowestMs: 0 };
  for (let i = 0; i < count; i++) {
    const random = new Random(seed, i);
    const from = random.pick(seeds);
    const input = mutate(from.stream, random, seeds);
    const started = process.threadCpuUsage();
    try {
      const outcome = decodeTwice(input, from.types, random);
      report[outcome]++;
    } catch (error) {
      throw new Error(
        `gob fuzz: seed ${seed}, input ${i}: ${Buffer.from(input).toString("hex").slice(0, 4000)}`,
        { cause: error },
      );
    }
    const { user, system } = process.threadCpuUsage(started);
    const took = (user + system) / 1000;
    if (took > hangMs) throw new Error(`gob fuzz: seed ${seed}, input ${i} took ${took.toFixed(0)} ms`);
    report.slowestMs = Math.max(report.slowestMs, took);
    report.inputs++;
    if (i % 10_000 === 9_999) onProgress?.(i + 1);
  }
  return report;
}

/** Limit in milliseconds of processor time, which does not depend on other load. Inputs are at most 100 kB. */
const hangMs = 2000;

/** The streams of the golden values, and those of a plugin under the official host (`RECORD_GOB` in e2e/host). */
export function allSeeds(): Seed[] {
  const golden = vectors.map(({ stream, values }) => ({ stream, types: typesIn(stream, values.length) }));
  const folder = join(import.meta.dir, "../testdata/recorded");
  const recorded = readdirSync(folder).map((file) => ({
    stream: readFileSync(join(folder, file)),
    types: [],
  }));
  return [...golden, ...recorded];
}

type Outcome = "accepted" | "rejected" | "incomplete";

/** Decodes the input whole and in pieces: both must end the same way, after the same values. */
function decodeTwice(input: Uint8Array, types: readonly Type<unknown>[], random: Random): Outcome {
  const mode = random.below(3);
  const wanted = (i: number): Type<unknown> | undefined =>
    mode === 0 ? any : mode === 1 ? types[i] : undefined;
  const whole = decode(input, wanted, () => input.length);
  const pieces = decode(input, wanted, () => 1 + random.below(64));
  if (whole.outcome !== pieces.outcome || whole.values !== pieces.values) {
    throw new Error(`whole: ${whole.outcome} ${whole.values}; in pieces: ${pieces.outcome} ${pieces.values}`);
  }
  return whole.outcome;
}

function decode(
  input: Uint8Array,
  wanted: (i: number) => Type<unknown> | undefined,
  size: () => number,
): { outcome: Outcome; values: string } {
  const decoder = new Decoder({ registry: goldenRegistry });
  const values: string[] = [];
  try {
    for (let at = 0; at < input.length; ) {
      const piece = input.subarray(at, at + size());
      at += piece.length;
      decoder.push(piece);
      for (;;) {
        const type = wanted(values.length);
        const value = type === undefined ? decoder.skip() || INCOMPLETE : decoder.read(type);
        if (value === INCOMPLETE) break;
        values.push(fingerprint(value));
      }
    }
    return { outcome: values.length > 0 ? "accepted" : "incomplete", values: values.join() };
  } catch (error) {
    if (error instanceof ProtocolError) return { outcome: "rejected", values: values.join() };
    throw error;
  }
}

function fingerprint(value: unknown): string {
  const text = JSON.stringify(value, (_, v: unknown) => {
    if (typeof v === "bigint") return `${v}n`;
    if (v instanceof Map) return [...v];
    if (v instanceof Tagged) return { $type: v.$type, value: v.value };
    return v;
  });
  return Bun.hash(text ?? "undefined").toString(36);
}

/**
 * Makes one to four changes that typically break parsers, in the last bytes of a stream; a long stream is cut
 * anywhere.
 */
export function mutate(
  stream: Uint8Array,
  random: Random,
  seeds: readonly { readonly stream: Uint8Array }[],
): Uint8Array {
  const end = stream.length <= maxMutated ? stream.length : random.below(stream.length);
  const intact = stream.subarray(0, Math.max(0, end - maxMutated));
  let bytes = [...stream.subarray(intact.length, end)];
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    const at = random.below(bytes.length + 1);
    const length = random.below(random.below(4) === 0 ? 256 : 8);
    switch (random.below(8)) {
      case 0:
        bytes[Math.min(at, bytes.length - 1)] = random.below(256);
        break;
      case 1:
        bytes[Math.min(at, bytes.length - 1)] = random.pick(troublesome);
        break;
      case 2:
        if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
        break;
      case 3:
        bytes.splice(at, length);
        break;
      case 4:
        bytes.splice(at, 0, ...Array.from({ length }, () => random.below(256)));
        break;
      case 5:
        bytes.splice(at, 0, ...bytes.slice(at, at + length));
        break;
      case 6: {
        const other = random.pick(seeds).stream;
        const from = random.below(other.length);
        bytes.splice(at, random.below(2) * length, ...other.subarray(from, from + length));
        break;
      }
      default:
        bytes = bytes.slice(0, at);
    }
    if (bytes.length === 0) bytes = [0];
  }
  const input = new Uint8Array(intact.length + bytes.length);
  input.set(intact);
  input.set(bytes, intact.length);
  return input;
}

const maxMutated = 4096;

/** Boundary values: of a one-byte uint, of negated byte counts, of small negative ints. */
const troublesome = [0x00, 0x01, 0x02, 0x03, 0x7f, 0x80, 0x81, 0xf7, 0xf8, 0xfc, 0xfe, 0xff];

/** mulberry32: small, and the same on every platform. */
export class Random {
  private state: number;

  constructor(seed: number, index: number) {
    this.state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  }

  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}
