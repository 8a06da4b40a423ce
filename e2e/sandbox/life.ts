/** When the sandbox's process ends: on a signal, with its parent, or with its standard input. */

export interface Life {
  /** Signals come from here. */
  readonly on: (signal: "SIGINT" | "SIGTERM" | "SIGHUP", then: () => void) => void;
  /** The process that started this one; another number once that one has ended. */
  readonly parent: () => number;
  /** True while a process of this number runs. */
  readonly runs: (pid: number) => boolean;
  /** Calls again and again until the returned function is called. */
  readonly every: (ms: number, then: () => void) => () => void;
  /** The processes above the parent that started all of this: npm, and the shell that npm runs scripts in. */
  readonly above: readonly number[];
}

/** The port shall be free within two seconds. */
export const LOOK_EVERY_MS = 250;

/**
 * Calls `end` once: on SIGINT, SIGTERM or SIGHUP, or when a process above has ended. npm passes SIGTERM to its shell
 * alone, which does not pass it on, and ends on SIGHUP without telling anybody.
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
 * The shell that started build/bun.mjs, which says so in `STARTED_BY`, and npm above it where npm runs the script.
 * `parentOf` answers null where this machine cannot tell.
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
