/** Caches values of the server for a minute: they change rarely, and no hook reports it. */

import { AppError } from "../../runtime/mattermost/index.ts";

const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 5_000;

export class Remembered<T> {
  readonly #values = new Map<string, { readonly value: T; readonly readAt: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Returns `undefined` when it was never read, or too long ago. */
  get(key: string): T | undefined {
    const known = this.#values.get(key);
    return known && this.#now() - known.readAt < REMEMBER_MS ? known.value : undefined;
  }

  set(key: string, value: T): void {
    if (this.#values.size > MAX_REMEMBERED) this.#values.clear();
    this.#values.set(key, { value, readAt: this.#now() });
  }

  clear(): void {
    this.#values.clear();
  }
}

/** Turns "not found" into null. */
export async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AppError && error.statusCode === 404) return null;
    throw error;
  }
}
