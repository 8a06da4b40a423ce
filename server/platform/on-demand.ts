/** A value that is loaded on first use. After a failed load, the next use tries again. */
export interface OnDemand<T> {
  load(): Promise<T>;
  /** The load in progress or done; null before the first use and after a failure. */
  readonly begun: Promise<T> | null;
}

export function onDemand<T>(load: () => Promise<T>): OnDemand<T> {
  let begun: Promise<T> | null = null;
  return {
    load() {
      begun ??= load().catch((error: unknown) => {
        begun = null;
        throw error;
      });
      return begun;
    },
    get begun() {
      return begun;
    },
  };
}
