/** Something that is loaded with its first use. A load that failed is tried again by the next use. */
export interface OnDemand<T> {
  load(): Promise<T>;
  /** Once a use has begun to load it; null before, and after a failure. */
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
