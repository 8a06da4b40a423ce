/** Ends the sandbox's process on a signal, with its parent, or with its standard input. */

export interface Life {
  /** The source of signals. */
  readonly on: (signal: "SIGINT" | "SIGTERM" | "SIGHUP", then: () => void) => void;
  /** The process that started this one; the number changes when that process has ended. */
  readonly parent: () => number;
  /** True while a process with this number runs. */
  readonly runs: (pid: number) => boolean;
  /** Calls repeatedly until the returned function is called. */
  readonly every: (ms: number, then: () => void) => () => void;
  /** The processes above the parent that started all of this: npm, and the shell in which npm runs scripts. */
  readonly above: readonly number[];
}

/** The port must be free within two seconds. */
export const LOOK_EVERY_MS = 250;

/**
 * Calls `end` once: on SIGINT, SIGTERM or SIGHUP, or when a process above has ended. npm sends SIGTERM only to its
 * shell, which does not pass it on, and npm ends on SIGHUP silently.
 */
export function endWith(life: Life, end: () => void): void {
  let ended = false;
  const first = life.parent();
  const once = () => {
    if (ended) return;
    ended = true;
    stop();
    end();
  };
  const stop = life.every(LOOK_EVERY_MS, () => {
    if (life.parent() !== first || !life.above.every(life.runs)) once();
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) life.on(signal, once);
}

/**
 * The shell that started build/bun.mjs, which passes its number in `STARTED_BY`, and npm above it if npm runs the
 * script. `parentOf` answers null if this machine cannot tell.
 */
export function processesAbove(
  env: Readonly<Record<string, string | undefined>>,
  parentOf: (pid: number) => number | null,
): number[] {
  const shell = Number(env.STARTED_BY) || null;
  if (shell === null) return [];
  const npm = env.npm_lifecycle_event === undefined ? null : parentOf(shell);
  // Process 1 adopts orphans, so it is never our npm.
  return npm === null || npm <= 1 ? [shell] : [shell, npm];
}
