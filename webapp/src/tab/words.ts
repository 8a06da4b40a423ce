/** Texts of the shell, in the languages of the app package and Arabic, which is written from right to left. */

import { languageOf as languageOfTag } from "../../../server/platform/i18n/language.ts";
import ar from "./words/ar.json" with { type: "json" };
import de from "./words/de.json" with { type: "json" };
import en from "./words/en.json" with { type: "json" };
import es from "./words/es.json" with { type: "json" };
import fr from "./words/fr.json" with { type: "json" };
import ja from "./words/ja.json" with { type: "json" };
export const languages = { en, de, fr, es, ja, ar } as const;
export type Language = keyof typeof languages;

/** A title and a paragraph, or one line. */
export type Words = {
  readonly [K in keyof typeof en]: (typeof en)[K] extends string ? string : readonly [string, string];
};

/** `de-CH` → `de`; an unsupported language becomes English. */
export function languageOf(locale: string): Language {
  return languageOfTag(locale);
}

export function wordsIn(language: Language): Words {
  return languages[language] as unknown as Words;
}

export function direction(language: Language): "ltr" | "rtl" {
  return language === "ar" ? "rtl" : "ltr";
}
