/** Texts about the person's Microsoft 365 account, in the language that they chose in Mattermost. */

import { languageOf } from "../../../server/platform/i18n/language.ts";
import ar from "./words/ar.json";
import de from "./words/de.json";
import en from "./words/en.json";
import es from "./words/es.json";
import fr from "./words/fr.json";
import ja from "./words/ja.json";

export type Word = keyof typeof en;
export type Words = (word: Word, values?: Readonly<Record<string, string>>) => string;

export const tables = { en, de, es, fr, ja, ar } satisfies Record<string, Record<Word, string>>;

/** A language without texts gets English. */
export function wordsFor(locale: string): Words {
  const table = tables[languageOf(locale)];
  return (word, values = {}) => table[word].replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
}

export const isRightToLeft = (locale: string): boolean => languageOf(locale) === "ar";
