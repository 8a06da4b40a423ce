/** Which language a person reads, and how a sentence of a table gets its values. */

import { lazy } from "../../runtime/lazy.ts";

export const languages = ["en", "de", "es", "fr", "ja"] as const;
export type Language = (typeof languages)[number];
export type Values = Readonly<Record<string, string | number>>;
/** Key → sentence with `{name}` where a value goes. `key.one` is the form for one of something. */
export type Table = Readonly<Record<string, string>>;
export type Tables = Readonly<Record<Language, Table>>;

/** Tables from their JSON texts, read when the first sentence is wanted: a start of the plugin needs none. */
export const tablesFrom = (texts: Readonly<Record<Language, unknown>>): (() => Tables) =>
  lazy(() => {
    const read = (text: unknown): Table => (typeof text === "string" ? JSON.parse(text) : (text as Table));
    return {
      en: read(texts.en),
      de: read(texts.de),
      es: read(texts.es),
      fr: read(texts.fr),
      ja: read(texts.ja),
    };
  });

/** Of a locale such as `de-AT`, or of an Accept-Language header; English where there is no table. */
export function languageOf(tag: string | null | undefined): Language {
  const first = /^\s*([a-z]+)/i.exec(tag ?? "")?.[1]?.toLowerCase();
  return languages.find((language) => language === first) ?? "en";
}

/** The sentence of `key` in a language; English where the language lacks it, `null` where nobody has it. */
export function sentence(
  tables: Tables,
  language: Language,
  key: string,
  values: Values = {},
): string | null {
  const { count } = values;
  const form = typeof count === "number" ? `${key}.${plural(language, count)}` : key;
  const text = tables[language][form] ?? tables[language][key] ?? tables.en[form] ?? tables.en[key];
  return text?.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) ?? null;
}

const plural = (language: Language, count: number): string => new Intl.PluralRules(language).select(count);
