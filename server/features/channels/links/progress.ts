/**
 * The progress of each link: how far posts were seen, and when something was last copied.
 *
 *   channels.state.{link}  ─▶  { v: 1, seenUntil, search, sending, lastToTeams, …, failed, lastFailure, chunk }
 */

import { type RecordFormat, SharedRecord } from "../../../platform/store/shared-record.ts";
import type { KeyValueStore, Logger } from "../../../runtime/mattermost/index.ts";

export interface Sending {
  readonly post: string;
  /** The index of the part. */
  readonly index: number;
  /** The root in Teams; null: the message is a root. */
  readonly under: string | null;
  /** Entra object ID of the account that sends. */
  readonly sender: string;
  readonly at: number;
}

/** A search for missed posts that the server does not list at once. */
export interface Search {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly until: number;
  /** The post up to which all posts created since then are in the queue. */
  readonly after: string | null;
  /** The next list of pairs to look at; null: posts are still missing. */
  readonly chunk: number | null;
  /** The newest list of pairs when the search began. */
  readonly newest: number;
}

export interface LinkProgress {
  readonly v: 1;
  /** Posts changed up to then were seen; milliseconds since 1970. */
  readonly seenUntil: number;
  /** Posts changed after `seenUntil` are being searched. */
  readonly search: Search | null;
  /**
   * The call that creates a message in Teams, stored before it is made. It is finished when the pair has that part.
   */
  readonly sending: Sending | null;
  readonly lastToTeams: number | null;
  readonly lastToMattermost: number | null;
  /** Number of the newest list of the link's pairs. */
  readonly chunk: number;
  /** Messages that could not be copied since the link was created. */
  readonly failed: number;
  readonly lastFailure: string | null;
}

export const STATE_PREFIX = "channels.state.";
/** In a busy channel, the time of the last copy is stored at most this often. */
const NOTED_MS = 60_000;

const empty: LinkProgress = {
  ...{ v: 1, seenUntil: 0, search: null, sending: null, failed: 0, chunk: 0 },
  ...{ lastToTeams: null, lastToMattermost: null, lastFailure: null },
};

const format: RecordFormat<LinkProgress> = {
  empty,
  parse(value) {
    const it = value as Partial<LinkProgress> | null;
    if (it?.v !== 1 || typeof it.seenUntil !== "number") throw new Error("not the state of a link");
    return { ...empty, ...it };
  },
  isEmpty: (state) => state === empty,
};

export class Progress {
  readonly #kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly #now: () => number;
  readonly #log: Pick<Logger, "warn">;
  readonly #writing = new Set<Promise<unknown>>();
  /** Link ids are random and never reused. */
  readonly #ended = new Set<string>();
  readonly #noted = new Map<string, number>();

  constructor(ports: {
    kv: Pick<KeyValueStore, "get" | "compareAndSet">;
    now: () => number;
    log: Pick<Logger, "warn">;
  }) {
    this.#kv = ports.kv;
    this.#now = ports.now;
    this.#log = ports.log;
  }

  /** Resolves when the background writes are done. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing);
  }

  read(link: string): Promise<LinkProgress> {
    return this.#record(link).read();
  }

  change(link: string, change: (state: LinkProgress) => LinkProgress): Promise<LinkProgress> {
    return this.#record(link).change((state) => {
      // Work that was in progress when the link was removed must not store its state again.
      const next = this.#ended.has(link) ? state : change(state);
      return { next, result: next };
    });
  }

  /** Records the time of a copy in the background; it may get lost. */
  note(link: string, direction: "to_teams" | "to_mattermost"): void {
    const now = this.#now();
    const key = `${link} ${direction}`;
    if (now - (this.#noted.get(key) ?? Number.NEGATIVE_INFINITY) < NOTED_MS) return;
    this.#noted.set(key, now);
    const name = direction === "to_teams" ? "lastToTeams" : "lastToMattermost";
    const written = this.change(link, (state) => ({ ...state, [name]: now }))
      .catch((error: unknown) =>
        this.#log.warn("The state of a channel link could not be stored", { link, error }),
      )
      .finally(() => this.#writing.delete(written));
    this.#writing.add(written);
  }

  async failed(link: string, because: string): Promise<void> {
    await this.change(link, (state) => ({ ...state, failed: state.failed + 1, lastFailure: because }));
  }

  async forget(link: string): Promise<void> {
    this.#ended.add(link);
    await this.#record(link).change(() => ({ next: empty, result: undefined }));
  }

  #record(link: string): SharedRecord<LinkProgress> {
    return new SharedRecord(this.#kv, `${STATE_PREFIX}${link}`, format);
  }
}
