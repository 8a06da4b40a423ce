/**
 * What is known of each link beside the link itself: how far the posts were seen, when something was copied last.
 *
 *   channels.state.{link}  ─▶  { v: 1, seenUntil, sending, lastToTeams, …, failed, lastFailure, chunk }
 */

import { type RecordFormat, SharedRecord } from "../../../platform/store/shared-record.ts";
import type { KeyValueStore, Logger } from "../../../runtime/mattermost/index.ts";

export interface Sending {
  readonly post: string;
  /** Which part. */
  readonly index: number;
  /** The root in Teams; null: the message is one. */
  readonly under: string | null;
  /** Entra object ID of the account that writes. */
  readonly sender: string;
  readonly at: number;
}

export interface LinkProgress {
  readonly v: 1;
  /** Posts that changed up to then were seen; milliseconds since 1970. */
  readonly seenUntil: number;
  /** The call that makes a message in Teams, from before it is made. It is over when the pair has that part. */
  readonly sending: Sending | null;
  readonly lastToTeams: number | null;
  readonly lastToMattermost: number | null;
  /** Number of the newest list of the link's pairs. */
  readonly chunk: number;
  /** Messages that could not be copied, since the link was made. */
  readonly failed: number;
  readonly lastFailure: string | null;
}

export const STATE_PREFIX = "channels.state.";
/** A busy channel is not a write for each message. */
const NOTED_MS = 60_000;

const empty: LinkProgress = {
  ...{ v: 1, seenUntil: 0, sending: null, failed: 0, chunk: 0 },
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
  /** Link ids are random and come never again. */
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

  /** The figures of the background are stored. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing);
  }

  read(link: string): Promise<LinkProgress> {
    return this.#record(link).read();
  }

  change(link: string, change: (state: LinkProgress) => LinkProgress): Promise<LinkProgress> {
    return this.#record(link).change((state) => {
      // What was under way when the link ended leaves nothing behind.
      const next = this.#ended.has(link) ? state : change(state);
      return { next, result: next };
    });
  }

  /** In the background: a figure, no promise. */
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
