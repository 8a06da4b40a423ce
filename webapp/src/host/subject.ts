/** A value that several parts of the page look at. */

import * as React from "react";

export interface Subject<T> {
  current(): T;
  set(next: T): void;
  subscribe(listener: () => void): () => void;
}

export function subject<T>(first: T): Subject<T> {
  const listeners = new Set<() => void>();
  let value = first;
  return {
    current: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Renders again on every change. React 17 has no useSyncExternalStore. */
export function useSubject<T>(watched: Subject<T>): T {
  const [value, setValue] = React.useState(watched.current);
  React.useEffect(() => {
    // It may have changed between the first rendering and now. A function would be called by React.
    setValue(() => watched.current());
    return watched.subscribe(() => setValue(() => watched.current()));
  }, [watched]);
  return value;
}
