/**
 * The current values of all fields on the screen, saved or not. The System Console gives each custom setting only its
 * own value; previews and checks need all of them.
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

/** Announces other shared changes than fields: a server answer, or the open page. */
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

export const savedValue = (key: string): unknown => values.get(key)?.saved;
export const liveKeys = (): string[] => [...values.keys()];

/** The server sends this for a secret that is set, and accepts it back as "unchanged". */
export const isMask = (value: unknown): boolean => typeof value === "string" && /^\*+$/.test(value);

/**
 * Secrets as they were last saved. After Save the System Console still has the typed text, while the stored value is
 * asterisks: without this, every secret would look unsaved for ever.
 */
const sent = new Map<string, unknown>();
export function markSent(keys: readonly string[]): void {
  for (const key of keys) sent.set(key, values.get(key)?.value);
}
/** Whether a typed secret equals the stored one. */
export const isSent = (key: string, value: unknown): boolean =>
  value !== "" && sent.get(key) === value && isMask(values.get(key)?.saved);

export function isUnsaved(key: string): boolean {
  const live = values.get(key);
  if (!live || live.value === undefined || live.value === live.saved) return false;
  return !isSent(key, live.value);
}
export const unsaved = (): boolean => [...values.keys()].some(isUnsaved);

export const allValues = (): Record<string, unknown> =>
  Object.fromEntries([...values].map(([key, { value }]) => [key, value]));
