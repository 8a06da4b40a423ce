/** Texts of the console in the language that the person chose in Mattermost. */

import { type Language, primaryLanguage } from "../../../server/platform/i18n/language.ts";
import de from "./strings/de.json";
import en from "./strings/en.json";
import es from "./strings/es.json";
import fr from "./strings/fr.json";
import ja from "./strings/ja.json";

export type Key = keyof typeof en;
const tables: Record<string, Partial<Record<string, string>>> = { en, de, fr, es, ja };

let locale: Language = "en";

/** A language without a table gets English. */
export function setLocale(tag: string): void {
  const language = primaryLanguage(tag);
  locale = Object.hasOwn(tables, language) ? (language as Language) : "en";
}

export const currentLocale = (): Language => locale;

export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  const text = tables[locale]?.[key] ?? en[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** For keys built from server data, such as the name of a check; `fallback` when there is no text. */
export function translated(key: string, fallback: string): string {
  return tables[locale]?.[key] ?? tables.en?.[key] ?? fallback;
}

/** For counts: uses the key's plural form for that number, such as `links.total.one`. */
export function tn(key: Key, count: number, values: Readonly<Record<string, string | number>> = {}): string {
  const form = `${key}.${new Intl.PluralRules(locale).select(count)}`;
  return t((form in en ? form : key) as Key, { ...values, count: count.toLocaleString(locale) });
}
