/** Reads the text and the language of code in a Teams message. */

import { attribute, isElement } from "./elements.ts";
import type { Element } from "./html.ts";

/** Replaces non-breaking spaces by ordinary ones, so that the code can be copied. */
export const cleanCode = (text: string) =>
  text
    .replace(/\r\n?/g, "\n")
    .replaceAll("\u00a0", " ")
    .replace(/(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff]/gu, "")
    .toWellFormed();

/** Returns the language of a code block, if it is a word that may follow a fence. */
export function languageOf(element: Element): string {
  const code = element.childNodes.filter(isElement).find(({ tagName }) => tagName === "code");
  for (const one of [element, ...(code ? [code] : [])]) {
    const whole = attribute(one, "class");
    const named = whole.split(/\s+/).find((word) => word.startsWith("language-"));
    const language = fenceWord(named ? named.slice("language-".length) : whole);
    if (language !== "" && (named || element.tagName === "codeblock")) return language;
  }
  return "";
}

export const fenceWord = (word: string) => (/^[a-z0-9+#.-]{1,32}$/i.test(word) ? word.toLowerCase() : "");
