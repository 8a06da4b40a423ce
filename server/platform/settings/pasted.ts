/**
 * Cleans text that people paste from a chat, a mail, a PDF or a web page. Invisible characters, and quotes or braces
 * that another program put around a value, are removed.
 */

/** Zero-width characters, byte order marks, soft hyphens and direction marks (Unicode category Cf). */
const INVISIBLE = /[\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF]/g;
/** Joiners (U+200C, U+200D) shape Persian, Hindi and emoji: in words they are visible, so they stay. */
const INVISIBLE_IN_WORDS = /[\u00AD\u200B\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]/g;

const PAIRS: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "`": "`",
  "“": "”",
  "„": "“”",
  "”": "”",
  "‘": "’",
  "‚": "‘’",
  "’": "’",
  "«": "»",
  "»": "«",
  "‹": "›",
  "「": "」",
  "<": ">",
};

/** Cleans one value: an id, an address, a secret, a path, one entry of a list. */
export function pastedValue(text: string): string {
  let value = text.replace(INVISIBLE, "").trim();
  while (value.length >= 2) {
    const closing = PAIRS[value.charAt(0)];
    if (!closing?.includes(value.charAt(value.length - 1))) break;
    value = value.slice(1, -1).trim();
  }
  return value;
}

/**
 * Cleans words for people: a name, a description. Quotes and joiners may be intended; non-breaking spaces become
 * spaces.
 */
export function pastedWords(text: string): string {
  return text
    .replace(INVISIBLE_IN_WORDS, "")
    .replace(/[\u00A0\u2007\u202F]/g, " ")
    .trim();
}

/**
 * Accepts the forms that Microsoft's tools print: with braces or parentheses, without hyphens, with typographic
 * hyphens.
 */
export function pastedGuid(text: string): string {
  const value = pastedValue(text)
    .replace(/^urn:uuid:/i, "")
    .replace(/^[{(]\s*(.*?)\s*[})]$/, "$1")
    .replace(/[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g, "-")
    .toLowerCase();
  const digits = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(value);
  return digits ? digits.slice(1).join("-") : pastedValue(value);
}

export const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
