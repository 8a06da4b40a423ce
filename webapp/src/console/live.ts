/**
 * The values of all fields as they stand on the screen, saved or not. The System Console gives each custom
 * setting its own value only; previews and checks need them all.
 */

import { useEffect, useState } from "react";

export interface LiveValue {
  readonly value: unknown;
  readonly saved: unknown;
  readonly change: (value: unknown) => void;
}

const values = new Map<string, LiveValue>();
const listeners = new Set<() => void>();

export function publish(key: string, live: LiveValue): void {
  const before = values.get(key);
  values.set(key, live);
  if (before?.value !== live.value || before?.saved !== live.saved) notify();
}

/** Other things than fields that the pages share: what the server answered, which page is open. */
export function notify(): void {
  for (const listener of listeners) listener();
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Renders again on every change. React 17 has no useSyncExternalStore. */
export function useLive(): void {
  const [, setCount] = useState(0);
  useEffect(() => subscribe(() => setCount((count) => count + 1)), []);
}

export const liveValue = (key: string): unknown => values.get(key)?.value;
export const textOf = (key: string): string => String(liveValue(key) ?? "");
export const setValue = (key: string, value: unknown): void => values.get(key)?.change(value);

export const unsaved = (): boolean =>
  [...values.values()].some(({ value, saved }) => value !== undefined && value !== saved);

export const allValues = (): Record<string, unknown> =>
  Object.fromEntries([...values].map(([key, { value }]) => [key, value]));
