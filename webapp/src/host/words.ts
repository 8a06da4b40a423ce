/** Texts of a feature in the person's language, loaded with the feature. */

import type { Language } from "../../../server/platform/i18n/language.ts";

export type Values = Readonly<Record<string, string | number>>;

/** `say.count("guests", 3)` uses `guests.one`, `guests.few`, … and `guests` when the language has no such form. */
export interface Say<Key extends string> {
  (key: Key, values?: Values): string;
  count(key: Key, count: number, values?: Values): string;
}

/** Makes the texts of a feature from its tables of all languages. */
export const wordsIn =
  <Key extends string>(tables: Readonly<Record<Language, Readonly<Record<string, string>>>>) =>
  (language: Language, locale: string): Say<Key> =>
    sayIn<Key>(tables[language], locale);

export function sayIn<Key extends string>(table: Readonly<Record<string, string>>, locale: string): Say<Key> {
  const fill = (text: string, values: Values) =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  const say = (key: Key, values: Values = {}) => fill(table[key] ?? key, values);
  const plural = new Intl.PluralRules(locale);
  return Object.assign(say, {
    count: (key: Key, count: number, values: Values = {}) =>
      fill(table[`${key}.${plural.select(count)}`] ?? table[key] ?? key, {
        ...values,
        count: count.toLocaleString(locale),
      }),
  });
}
