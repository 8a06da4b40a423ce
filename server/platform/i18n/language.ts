/** Which of our languages a language tag means. The only place that reads one; the web app uses it too. */

/** Those of the app package, and one that is written from right to left. */
export const languages = ["en", "de", "es", "fr", "ja", "ar"] as const;
export type Language = (typeof languages)[number];

/** `de-AT`, `pt_BR` → `de`, `pt`; empty when it is not a language tag (RFC 5646 2.1). */
export function primaryLanguage(tag: string): string {
  return /^\s*([a-z]{2,3})(?=[-_;]|\s*$)/i.exec(tag)?.[1]?.toLowerCase() ?? "";
}

/** Of a locale such as `de-AT` or an Accept-Language header. A language that we do not speak, or none, is English. */
export function languageOf(tag: string | null | undefined): Language {
  const primary = primaryLanguage(tag ?? "");
  return languages.find((one) => one === primary) ?? "en";
}
