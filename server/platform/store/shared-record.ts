/**
 * One record of the key-value store that many callers change concurrently.
 *
 * Changes that arrive while a write is in progress are combined into the next write (group commit), so a burst of a
 * thousand changes costs a few writes. Other nodes may write the same record: every write is a compare-and-set, and
 * after a lost race the record is read again and the changes are repeated.
 */

import type { KeyValueStore, SetOptions } from "../../runtime/mattermost/index.ts";

export interface RecordFormat<S> {
  /** The state of a record that does not exist. A change that returns it deletes the record. */
  readonly empty: S;
  /** Throws for a value that is not of this format. */
  parse(value: unknown): S;
  /** Returns the JSON value to store, when it differs from the state. */
  print?(state: S): unknown;
  /**
   * Returns the JSON text to store, instead of `print`, when a large state can cache the text of its unchanged parts.
   */
  text?(state: S): string;
  isEmpty(state: S): boolean;
  /**
   * Returns the state to use for an unreadable record, which the next change replaces. Default: every access fails.
   */
  damaged?(key: string): S;
}

/** Must be pure, because a lost race runs it again on the newer state. Returning the same object writes nothing. */
export type Change<S, R> = (state: S) => { readonly next: S; readonly result: R };

interface Waiting<S> {
  readonly apply: (state: S) => S;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Lost races in a row, with jitter in between. More than this means that something else is wrong. */
const MAX_ATTEMPTS = 30;

export class SharedRecord<S> {
  readonly #kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly #key: string;
  readonly #format: RecordFormat<S>;
  readonly #options: () => SetOptions;
  #bytes: Uint8Array | null = null;
  #state: S;
  /** True when the two fields above are what the store held at the last read or write. */
  #known = false;
  #waiting: Waiting<S>[] = [];
  #writing: Promise<void> | null = null;
  /** Called with the new state after each read and write of this node. */
  onState: (state: S) => void = () => {};

  constructor(
    kv: Pick<KeyValueStore, "get" | "compareAndSet">,
    key: string,
    format: RecordFormat<S>,
    options: () => SetOptions = () => ({}),
  ) {
    this.#kv = kv;
    this.#key = key;
    this.#format = format;
    this.#options = options;
    this.#state = format.empty;
  }

  /** Reads the store and returns the state, including writes of other nodes. */
  async read(): Promise<S> {
    await this.#writing;
    await this.#load();
    return this.#state;
  }

  /** Resolves when the change is stored. Rejects when the store fails; the change may or may not be stored then. */
  async change<R>(change: Change<S, R>): Promise<R> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let result: { readonly value: R } | null = null;
    this.#waiting.push({
      apply(state) {
        const outcome = change(state);
        result = { value: outcome.result };
        return outcome.next;
      },
      done: resolve,
      failed: reject,
    });
    this.#writing ??= this.#writeAll();
    await promise;
    return (result as unknown as { readonly value: R }).value;
  }

  async #writeAll(): Promise<void> {
    // Waits a turn, so that all callers of this turn join the first write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(batch);
        for (const one of batch) one.done();
      } catch (error) {
        this.#known = false;
        for (const one of batch) one.failed(error);
      }
    }
    this.#writing = null;
  }

  async #write(batch: readonly Waiting<S>[]): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (!this.#known) await this.#load();
      let next = this.#state;
      for (const one of batch) next = one.apply(next);
      if (next === this.#state) return;
      if (await this.#store(next)) return;
      this.#known = false;
      if (attempt > 0) await Bun.sleep(Math.random() * Math.min(2 ** attempt, 60));
    }
    throw new Error(`too many writers of ${this.#key}`);
  }

  async #store(next: S): Promise<boolean> {
    const bytes = this.#format.isEmpty(next) ? null : new TextEncoder().encode(this.#text(next));
    if (bytes === null && this.#bytes === null) return this.#keep(null, next);
    try {
      if (!(await this.#kv.compareAndSet(this.#key, this.#bytes, bytes, this.#options()))) return false;
    } catch (error) {
      // The write may have succeeded and only the answer been lost: read what is stored.
      const stored = await this.#kv.get(this.#key);
      if (!isSame(stored, bytes)) throw error;
    }
    return this.#keep(bytes, next);
  }

  #text(state: S): string {
    const { text, print } = this.#format;
    return text ? text(state) : JSON.stringify(print ? print(state) : state);
  }

  async #load(): Promise<void> {
    const bytes = await this.#kv.get(this.#key);
    if (this.#known && isSame(bytes, this.#bytes)) return;
    this.#keep(bytes, bytes ? this.#parsed(bytes) : this.#format.empty);
  }

  #parsed(bytes: Uint8Array): S {
    const { damaged, parse } = this.#format;
    try {
      return parse(JSON.parse(new TextDecoder().decode(bytes)));
    } catch (error) {
      if (!damaged) throw error;
      return damaged(this.#key);
    }
  }

  #keep(bytes: Uint8Array | null, state: S): true {
    this.#bytes = bytes;
    this.#state = state;
    this.#known = true;
    this.onState(state);
    return true;
  }
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a && b ? Buffer.compare(a, b) === 0 : a === b;
}
