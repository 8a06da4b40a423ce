/** The texts of the checks, for the console, the report, the bot's messages and the command. */

import de from "./checks/de.json" with { type: "text" };
import en from "./checks/en.json" with { type: "text" };
import es from "./checks/es.json" with { type: "text" };
import fr from "./checks/fr.json" with { type: "text" };
import ja from "./checks/ja.json" with { type: "text" };
import type { Language } from "./language.ts";
import { sentence, tablesFrom } from "./tables.ts";
import type { Values } from "./words.ts";

export const checkTables = tablesFrom({ en, de, es, fr, ja });
type Key = keyof typeof en;
/** A key of the table without its singular form (`.one`). */
type Plain<K extends string> = K extends `${string}.one` ? never : K;
type Under<Prefix extends string> =
  Plain<Key> extends infer K ? (K extends `${Prefix}.${infer Code}` ? Code : never) : never;

/** Codes of what a check found, and of the cures for the admin. */
export type SeenCode = Under<"seen">;
export type CureCode = Under<"cure">;

export function checkWords(language: Language, key: Plain<Key>, values?: Values): string {
  return sentence(checkTables(), language, key, values) ?? key;
}
