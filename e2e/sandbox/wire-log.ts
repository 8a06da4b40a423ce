/** Logs every call and request between the parts of the sandbox, newest last. The page shows it, and specs read it. */

export type Wire = "hook" | "api" | "entra" | "graph" | "teams" | "process";

export interface WireEntry {
  readonly id: number;
  readonly at: number;
  readonly wire: Wire;
  /** Method, path or event, in one line without secrets. */
  readonly what: string;
  readonly detail?: string;
  /** Milliseconds until the answer. */
  readonly took?: number;
  /** False if the answer was a refusal or an error. */
  readonly ok: boolean;
  readonly node?: string;
}

/** Number of kept entries. A visitor reads the last minute; a spec its own few requests. */
const KEPT = 4000;

export class WireLog {
  #entries: WireEntry[] = [];
  #nextId = 1;
  readonly #watchers = new Set<(entry: WireEntry) => void>();

  add(wire: Wire, what: string, more: Partial<Omit<WireEntry, "id" | "at" | "wire" | "what">> = {}): void {
    const entry = { id: this.#nextId++, at: Date.now(), wire, what, ok: true, ...more };
    this.#entries.push(entry);
    if (this.#entries.length > KEPT) this.#entries = this.#entries.slice(-KEPT / 2);
    for (const watcher of this.#watchers) watcher(entry);
  }

  since(id: number): WireEntry[] {
    return this.#entries.filter((entry) => entry.id > id);
  }

  watch(watcher: (entry: WireEntry) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}
