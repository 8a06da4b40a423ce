/** The product's clock, which tests can replace. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves early when the signal is aborted; never throws. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A random number from 0 up to, not including, 1. */
  readonly random: () => number;
}
