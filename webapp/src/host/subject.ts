/** An observable value that several parts of the page use. */

import { useSubscription } from "./use-subscription.ts";

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

export const useSubject = <T>(watched: Subject<T>): T => useSubscription(watched.subscribe, watched.current);
