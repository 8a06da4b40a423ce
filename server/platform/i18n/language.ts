/** Maps language tags to the product's languages. This is the only code that parses one; the web app uses it too. */

/** The languages of the app package, and Arabic, which is written from right to left. */
export const languages = ["en", "de", "es", "fr", "ja", "ar"] as const;
export type Language = (typeof languages)[number];

/**
 * Returns the primary language: `de-AT`, `pt_BR` → `de`, `pt`; "" when the text is not a language tag (RFC 5646 2.1).
 */
export function primaryLanguage(tag: string): string {
  return /^\s*([a-z]{2,3})(?=[-_;]|\s*$)/i.exec(tag)?.[1]?.toLowerCase() ?? "";
}

/**
 * Returns the language of a locale such as `de-AT` or of an Accept-Language header; English when we do not support
 * it.
 */
export function languageOf(tag: string | null | undefined): Language {
  const primary = primaryLanguage(tag ?? "");
  return languages.find((one) => one === primary) ?? "en";
}
