/**
 * Remembers the members of a Teams channel at the last look, so that people who have joined since can be named. Teams
 * reports a join of the whole team only in its General channel; the list shows it for every channel within the hour.
 *
 *   channels.members.{link}  ─▶  { v: 1, who: [ digest … ] }
 */

import { type RecordFormat, SharedRecord } from "../../../platform/store/shared-record.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";
import { digest } from "../pairs/pair-store.ts";

type Known = { readonly v: 1; readonly who: readonly string[] } | null;

export const MEMBERS_PREFIX = "channels.members.";

const format: RecordFormat<Known> = {
  empty: null,
  parse(value) {
    const known = value as Known;
    if (known?.v !== 1 || !Array.isArray(known.who)) throw new Error("not a list of members");
    return known;
  },
  isEmpty: (known) => known === null,
};

export class KnownMembers {
  readonly #kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  /** Removed links: a call in progress must not store their members again. Link ids are never reused. */
  readonly #ended = new Set<string>();

  constructor(kv: Pick<KeyValueStore, "get" | "compareAndSet">) {
    this.#kv = kv;
  }

  /** Stores the whole list of object IDs. Returns the new ones; none when no list was stored before. */
  replace(link: string, ids: readonly string[]): Promise<readonly string[]> {
    const who = ids.map((id) => whoIs(link, id));
    if (this.#ended.has(link)) return Promise.resolve([]);
    return this.#record(link).change<readonly string[]>((known) => ({
      next: { v: 1, who },
      result: known ? ids.filter((_, at) => !known.who.includes(who[at] ?? "")) : [],
    }));
  }

  /** Adds people whom Teams reported as joined. Returns those who were not in the list. */
  add(link: string, ids: readonly string[]): Promise<readonly string[]> {
    return this.#record(link).change<readonly string[]>((known) => {
      if (!known) return { next: known, result: ids };
      const fresh = ids.filter((id) => !known.who.includes(whoIs(link, id)));
      const who = [...known.who, ...fresh.map((id) => whoIs(link, id))];
      return { next: fresh.length > 0 ? { v: 1, who } : known, result: fresh };
    });
  }

  async forget(link: string): Promise<void> {
    this.#ended.add(link);
    await this.#record(link).change(() => ({ next: null, result: undefined }));
  }

  #record(link: string): SharedRecord<Known> {
    return new SharedRecord(this.#kv, `${MEMBERS_PREFIX}${link}`, format);
  }
}

const whoIs = (link: string, objectId: string) => digest(link, objectId.toLowerCase()).slice(0, 10);
