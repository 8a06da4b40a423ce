/** Test rules beyond the types of a table: no text is empty, and every language has the same placeholders. */

import { expect, test } from "bun:test";
import { languages, type Words } from "../index.ts";

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([one]) => one).sort();
/** Commands and settings in code marks must be the same in every language. */
const code = (text: string) => [...text.matchAll(/`[^`]*`/g)].map(([one]) => one).sort();

export function complete<Key extends string>(name: string, { table }: Words<Key>): void {
  for (const language of languages) {
    test(`${name} in ${language}: every text, with the same placeholders and commands`, () => {
      for (const [key, english] of Object.entries<string>(table.en)) {
        const text = table[language][key as Key];
        expect(text.trim(), key).not.toBe("");
        expect(placeholders(text), key).toEqual(placeholders(english));
        expect(code(text), key).toEqual(code(english));
      }
    });
  }
}
