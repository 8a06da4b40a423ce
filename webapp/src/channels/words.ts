/** Loaded with the feature. */

import type { Language } from "../../../server/platform/i18n/language.ts";
import { type Say, sayIn } from "../host/words.ts";
import ar from "./words/ar.json";
import de from "./words/de.json";
import en from "./words/en.json";
import es from "./words/es.json";
import fr from "./words/fr.json";
import ja from "./words/ja.json";

export type Word = keyof typeof en;
const tables: Readonly<Record<Language, Readonly<Record<string, string>>>> = { en, de, es, fr, ja, ar };

export const wordsFor = (language: Language, locale: string): Say<Word> =>
  sayIn<Word>(tables[language], locale);
