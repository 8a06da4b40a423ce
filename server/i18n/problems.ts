/** What can be wrong with a setting, in words that follow the setting's name. */

import { type Language, sentence, type Tables, type Values } from "./language.ts";
import de from "./problems/de.json" with { type: "json" };
import en from "./problems/en.json" with { type: "json" };
import es from "./problems/es.json" with { type: "json" };
import fr from "./problems/fr.json" with { type: "json" };
import ja from "./problems/ja.json" with { type: "json" };

export const problemTables: Tables = { en, de, es, fr, ja };
export type ProblemCode = keyof typeof en;

export function problemWords(code: ProblemCode, values?: Values, language: Language = "en"): string {
  return sentence(problemTables, language, code, values) ?? code;
}
