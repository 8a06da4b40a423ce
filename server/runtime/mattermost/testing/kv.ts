import type { KeyValueApi } from "../kv.ts";

/** For tests: the server's key-value store, with faults. */
export class MemoryKv implements KeyValueApi {
  readonly values = new Map<string, Uint8Array>();
  readonly expiries = new Map<string, number>();
  /** Runs before each write: lets a test interfere or fail the write. */
  beforeWrite: (key: string) => void | Promise<void> = () => {};
  calls = 0;

  async kvGet(key: string): Promise<Uint8Array> {
    this.calls++;
    return this.values.get(key) ?? new Uint8Array(0);
  }

  async kvSetWithOptions(
    key: string,
    value: Uint8Array | null,
    options: { Atomic?: boolean; OldValue?: Uint8Array | null; ExpireInSeconds?: number },
  ): Promise<boolean> {
    this.calls++;
    await this.beforeWrite(key);
    if (options.Atomic && !this.#holds(key, options.OldValue ?? null)) return false;
    this.values.set(key, value as Uint8Array);
    this.expiries.set(key, options.ExpireInSeconds ?? 0);
    return true;
  }

  async kvCompareAndDelete(key: string, old: Uint8Array | null): Promise<boolean> {
    this.calls++;
    await this.beforeWrite(key);
    return this.#holds(key, old) && this.values.delete(key);
  }

  async kvDelete(key: string): Promise<void> {
    this.values.delete(key);
  }

  async kvList(page: number, perPage: number): Promise<string[]> {
    this.calls++;
    return [...this.values.keys()].sort().slice(page * perPage, (page + 1) * perPage);
  }

  #holds(key: string, expected: Uint8Array | null): boolean {
    const value = this.values.get(key);
    if (!value || !expected) return (value ?? null) === (expected ?? null);
    return Buffer.compare(value, expected) === 0;
  }
}
