/** Indexes the words that mention linked members in a post: user names, keywords and first names. */

import type { Person } from "./facts.ts";
import type { Keywords } from "./mentions.ts";

export class PersonWords {
  /** Lower-case user name → account. */
  readonly #usernames = new Map<string, string>();
  /** Lower-case keyword → people. */
  readonly #words = new Map<string, Map<string, "name" | "keyword">>();
  /** First names, as written. */
  readonly #names = new Map<string, Set<string>>();
  /** Keywords with non-ASCII letters. */
  readonly #wide = new Map<string, Set<string>>();

  /** Returns the account with this lower-case user name. */
  byUsername(username: string): string | undefined {
    return this.#usernames.get(username);
  }

  /** Returns the words that mention people of one channel. */
  among(isMember: (userId: string) => boolean): Pick<Keywords, "people" | "wide"> {
    const words = this.#words;
    const usernames = this.#usernames;
    const names = this.#names;
    const wide = this.#wide;
    return {
      people(word) {
        const found: { userId: string; kind: "name" | "keyword" }[] = [];
        const lower = word.toLowerCase();
        const named = lower.startsWith("@") ? usernames.get(lower.slice(1)) : undefined;
        if (named !== undefined && isMember(named)) found.push({ userId: named, kind: "name" });
        for (const [userId, kind] of words.get(lower) ?? []) {
          if (isMember(userId)) found.push({ userId, kind });
        }
        if (found.length === 0) {
          for (const userId of names.get(word) ?? [])
            if (isMember(userId)) found.push({ userId, kind: "keyword" });
        }
        return found;
      },
      *wide() {
        for (const [keyword, userIds] of wide) {
          const members = [...userIds].filter(isMember);
          if (members.length > 0) yield [keyword, members] as const;
        }
      },
    };
  }

  add(person: Person): void {
    this.#usernames.set(person.username.toLowerCase(), person.id);
    for (const [word, kind] of wordsOf(person)) {
      const people = this.#words.get(word) ?? new Map<string, "name" | "keyword">();
      people.set(person.id, kind);
      this.#words.set(word, people);
      if (kind === "keyword" && /\P{ASCII}/u.test(word)) add(this.#wide, word, person.id);
    }
    if (person.notify.first_name === "true" && person.firstName !== "") {
      add(this.#names, person.firstName, person.id);
    }
  }

  remove(person: Person): void {
    const username = person.username.toLowerCase();
    if (this.#usernames.get(username) === person.id) this.#usernames.delete(username);
    for (const [word] of wordsOf(person)) {
      const people = this.#words.get(word);
      people?.delete(person.id);
      if (people?.size === 0) this.#words.delete(word);
      drop(this.#wide, word, person.id);
    }
    drop(this.#names, person.firstName, person.id);
  }
}

/**
 * Yields the person's keywords; their own user name among them is a mention by name, with or without the @.
 */
function* wordsOf(person: Person): Generator<readonly [string, "name" | "keyword"]> {
  const name = person.username.toLowerCase();
  for (const key of (person.notify.mention_keys ?? "").split(",")) {
    const word = key.trim().toLowerCase();
    if (word === "" || word === `@${name}`) continue;
    yield [word, word === name ? "name" : "keyword"];
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key) ?? new Set();
  values.add(value);
  map.set(key, values);
}

function drop(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key);
  values?.delete(value);
  if (values?.size === 0) map.delete(key);
}
