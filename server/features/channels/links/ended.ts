/**
 * Removed links, until nothing of them is left in the store: their pairs, the lists of these, their state.
 *
 *   channels.ended  ─▶  { v: 1, links: [ { link, chunk, at } … ] }
 */

import { type RecordFormat, SharedRecord } from "../../../platform/store/shared-record.ts";
import { atOnce } from "../../../platform/work/at-once.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";
import type { PairIndex } from "../pairs/pair-index.ts";
import type { PairStore } from "../pairs/pair-store.ts";
import type { KnownMembers } from "./known-members.ts";
import type { Progress } from "./progress.ts";

export interface EndedLink {
  readonly link: string;
  /** The newest list of pairs that may be left. */
  readonly chunk: number;
  readonly at: number;
}

export const ENDED_KEY = "channels.ended";
/** After this time, work that was in progress when the link was removed has ended on every node. */
const IN_FLIGHT_MS = 2 * 60_000;
const AT_ONCE = 8;
const NONE: readonly EndedLink[] = [];

const format: RecordFormat<readonly EndedLink[]> = {
  empty: NONE,
  parse(value) {
    const stored = value as { v?: unknown; links?: unknown } | null;
    if (stored?.v !== 1 || !Array.isArray(stored.links)) throw new Error("not a list of ended links");
    return stored.links as EndedLink[];
  },
  print: (links) => ({ v: 1, links }),
  isEmpty: (links) => links.length === 0,
};

export interface EndedPorts {
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly pairs: Pick<PairStore, "forget">;
  readonly index: Pick<PairIndex, "read" | "forget">;
  readonly progress: Pick<Progress, "read" | "forget">;
  readonly members: Pick<KnownMembers, "forget">;
  readonly now: () => number;
}

export class EndedLinks {
  readonly #ports: EndedPorts;
  readonly #record: SharedRecord<readonly EndedLink[]>;

  constructor(ports: EndedPorts) {
    this.#ports = ports;
    this.#record = new SharedRecord(ports.kv, ENDED_KEY, format);
  }

  /** Called before the link is removed, so that its pairs are found even after a crash. */
  async begin(link: string): Promise<void> {
    const { chunk } = await this.#ports.progress.read(link);
    const entry = { link, chunk, at: this.#ports.now() };
    await this.#record.change((all) => ({
      next: [...all.filter((one) => one.link !== link), entry],
      result: undefined,
    }));
  }

  /** `idle`: no node is working on the link. Otherwise it is cleared later. */
  async clear(link: string, { idle }: { readonly idle: boolean }): Promise<void> {
    const entry = (await this.#record.read()).find((one) => one.link === link);
    if (!entry) return;
    const { chunk } = await this.#ports.progress.read(link);
    for (let at = Math.max(chunk, entry.chunk); at >= 0; at -= 1) {
      const keys = await this.#ports.index.read(link, at);
      await atOnce(keys, AT_ONCE, (key) => this.#ports.pairs.forget(link, key));
      await this.#ports.index.forget(link, at);
    }
    await this.#ports.members.forget(link);
    await this.#ports.progress.forget(link);
    if (idle) await this.#forget(link);
  }

  /** Runs on the node that manages the links. */
  async clearAll(signal: AbortSignal): Promise<void> {
    for (const { link, at } of await this.#record.read()) {
      if (signal.aborted) return;
      await this.clear(link, { idle: this.#ports.now() - at >= IN_FLIGHT_MS });
    }
  }

  async #forget(link: string): Promise<void> {
    await this.#record.change((all) => ({ next: all.filter((one) => one.link !== link), result: undefined }));
  }
}
