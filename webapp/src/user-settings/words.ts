/** Texts of the settings, in the language that the person chose in Mattermost. */

import { primaryLanguage } from "../../../server/platform/i18n/language.ts";
import de from "./words/de.json";
import en from "./words/en.json";
import es from "./words/es.json";
import fr from "./words/fr.json";
import ja from "./words/ja.json";

export type Word = keyof typeof en;
export type Words = (word: Word) => string;

const languages: Readonly<Record<string, Partial<Record<string, string>>>> = { en, de, fr, es, ja };

/** A language without texts gets English. */
export function wordsFor(locale: string): Words {
  const words = languages[primaryLanguage(locale)];
  return (word) => words?.[word] ?? en[word];
}
