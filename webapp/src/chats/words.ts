/** The texts of Teams chats, loaded with the feature. */

import { wordsIn } from "../host/words.ts";
import ar from "./words/ar.json";
import de from "./words/de.json";
import en from "./words/en.json";
import es from "./words/es.json";
import fr from "./words/fr.json";
import ja from "./words/ja.json";

export type Word = keyof typeof en;

export const wordsFor = wordsIn<Word>({ en, de, es, fr, ja, ar });
