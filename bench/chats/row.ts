/** Prints the figures of the benchmark of chats beside those of the earlier plugin and the goal. */

export function row(name: string, ours: string, earlier: string, goal: string): void {
  console.log(`${name.padEnd(46)} ${ours.padStart(22)} ${earlier.padStart(22)} ${goal.padStart(20)}`);
}

/** The median and the 99th percentile. */
export function quantiles(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return `${at(0.5)} / ${at(0.99)}`;
}
