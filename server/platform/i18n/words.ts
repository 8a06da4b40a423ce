/**
 * Translated texts. A table that lacks a language or a key does not compile.
 *
 * In Arabic sentences, `\u200e` before a command, a date or a name with @ or ~ keeps its signs and digits in order.
 */

import type { Language } from "./language.ts";

export type Values = Readonly<Record<string, string | number>>;
/** Returns a text; `{name}` in it is replaced by the value of that name. */
export type Say<Key extends string> = (key: Key, values?: Values) => string;
export type Table<Key extends string> = Readonly<Record<Language, Readonly<Record<Key, string>>>>;

export interface Words<Key extends string> {
  readonly table: Table<Key>;
  in(language?: Language): Say<Key>;
}

export function words<const Key extends string>(table: Table<Key>): Words<Key> {
  return {
    table,
    in(language = "en") {
      const texts = table[language];
      return (key, values = {}) =>
        texts[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
    },
  };
}
