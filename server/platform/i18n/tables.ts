/** Sentence tables, stored as JSON with one file per language and parsed when the first sentence is needed. */

import { lazy } from "../../runtime/lazy.ts";
import type { Language } from "./language.ts";
import type { Values } from "./words.ts";

/** The languages of the System Console. Arabic readers get English there. */
export const tableLanguages = ["en", "de", "es", "fr", "ja"] as const satisfies readonly Language[];
type TableLanguage = (typeof tableLanguages)[number];
/** Key → sentence with `{name}` for a value. `key.one` is the singular form. */
export type SentenceTable = Readonly<Record<string, string>>;
export type SentenceTables = Readonly<Record<TableLanguage, SentenceTable>>;

/** Makes the tables from their JSON texts, lazily: a start of the plugin needs none of them. */
export const tablesFrom = (texts: Readonly<Record<TableLanguage, unknown>>): (() => SentenceTables) =>
  lazy(() => {
    const read = (text: unknown): SentenceTable =>
      typeof text === "string" ? JSON.parse(text) : (text as SentenceTable);
    return {
      en: read(texts.en),
      de: read(texts.de),
      es: read(texts.es),
      fr: read(texts.fr),
      ja: read(texts.ja),
    };
  });

/** Joins tables; the first one that has a key wins. */
export const joinTables = (...all: readonly (() => SentenceTables)[]): (() => SentenceTables) =>
  lazy(() => {
    const join = (language: TableLanguage): SentenceTable =>
      Object.assign({}, ...all.map((tables) => tables()[language]).reverse());
    return { en: join("en"), de: join("de"), es: join("es"), fr: join("fr"), ja: join("ja") };
  });

/** Returns the sentence of `key` in a language: English when the language lacks it, `null` when no table has it. */
export function sentence(
  tables: SentenceTables,
  language: Language,
  key: string,
  values: Values = {},
): string | null {
  const { count } = values;
  const own: SentenceTable = language === "ar" ? tables.en : tables[language];
  const form = typeof count === "number" ? `${key}.${new Intl.PluralRules(language).select(count)}` : key;
  const text = own[form] ?? own[key] ?? tables.en[form] ?? tables.en[key];
  return text?.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) ?? null;
}
