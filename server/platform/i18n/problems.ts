/** Texts for problems with a setting; each follows the setting's name. */

import type { Language } from "./language.ts";
import de from "./problems/de.json" with { type: "text" };
import en from "./problems/en.json" with { type: "text" };
import es from "./problems/es.json" with { type: "text" };
import fr from "./problems/fr.json" with { type: "text" };
import ja from "./problems/ja.json" with { type: "text" };
import { sentence, tablesFrom } from "./tables.ts";
import type { Values } from "./words.ts";

export const problemTables = tablesFrom({ en, de, es, fr, ja });
export type ProblemCode = keyof typeof en;

export function problemWords(code: ProblemCode, values?: Values, language: Language = "en"): string {
  return sentence(problemTables(), language, code, values) ?? code;
}

/** The rule that applies while the value of a restricting setting cannot be read. */
export function untilRepaired(setting: string, language: Language = "en"): string {
  return sentence(problemTables(), language, `until.${setting}`) ?? "";
}
