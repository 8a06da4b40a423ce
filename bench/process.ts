/** Reads memory, processor time and open files of the plugin's process from /proc. Linux only. */

import { readdirSync, readFileSync } from "node:fs";

export interface Sample {
  /** MB. */
  readonly resident: number;
  readonly anonymous: number;
  /** Seconds of processor time since the process began. */
  readonly processor: number;
  readonly files: number;
}

export function sampleOf(pid: number): Sample {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0) / 1024;
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return {
    resident: field("VmRSS"),
    anonymous: field("RssAnon"),
    processor: (Number(stat[11]) + Number(stat[12])) / 100,
    files: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/**
 * Samples the size four times a second. The returned function stops that and returns the peak resident size in MB.
 */
export function watchPeak(pid: number): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, sampleOf(pid).resident);
    } catch {
      // The process ended.
    }
  }, 250);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

export function quantiles(times: readonly number[]): string {
  if (times.length === 0) return "–";
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return `${Math.round(at(0.5))} / ${Math.round(at(0.99))} ms`;
}
