/**
 * Who was in the Teams channel when it was looked at last, so that who has joined since can be named. Teams reports a
 * join of a whole team in its General channel alone; the list of members tells it for every channel, within the hour.
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
  /** Link ids are random and come never again: what is under way when one ends leaves nothing behind. */
  readonly #ended = new Set<string>();

  constructor(kv: Pick<KeyValueStore, "get" | "compareAndSet">) {
    this.#kv = kv;
  }

  /** The whole list of object IDs as it is now. Answers those who are new; nobody where nothing was known. */
  replace(link: string, ids: readonly string[]): Promise<readonly string[]> {
    const who = ids.map((id) => whoIs(link, id));
    if (this.#ended.has(link)) return Promise.resolve([]);
    return this.#record(link).change<readonly string[]>((known) => ({
      next: { v: 1, who },
      result: known ? ids.filter((_, at) => !known.who.includes(who[at] ?? "")) : [],
    }));
  }

  /** Teams says that they have joined. Answers those who were not known. */
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
