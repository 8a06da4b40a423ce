/** Texts of these pages, loaded with them. Titles, numbers and cures come from the server. */

import { type Say, sayIn } from "../../host/words.ts";
import { currentLocale } from "../translate.ts";
import de from "./words/de.json";
import en from "./words/en.json";
import es from "./words/es.json";
import fr from "./words/fr.json";
import ja from "./words/ja.json";

export type Word = keyof typeof en;
const tables: Readonly<Record<string, Readonly<Record<string, string>>>> = { en, de, es, fr, ja };

export const words = (): Say<Word> => sayIn<Word>(tables[currentLocale()] ?? en, currentLocale());
