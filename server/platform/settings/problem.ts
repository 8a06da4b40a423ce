/** A problem with a setting: a code and values, and a text from tables by language. */

import type { Language } from "../i18n/language.ts";
import { type ProblemCode, problemWords, untilRepaired } from "../i18n/problems.ts";

export interface Problem {
  readonly setting: string;
  /** For the tables of server/platform/i18n/problems. Absent for problems from the manifest's schema. */
  readonly code?: ProblemCode;
  readonly values?: Readonly<Record<string, string | number>>;
  /** True when the strict fallback of the setting applies until the value is repaired. */
  readonly strict?: boolean;
  /** In English: the fault, and what the setting expects. Never contains the value of a secret. */
  readonly says: string;
}

export function problemWith(setting: string, code: ProblemCode, values?: Problem["values"]): Problem {
  return { setting, code, ...(values ? { values } : {}), says: problemWords(code, values) };
}

/** Marks a problem whose setting uses its strict fallback until it is repaired. */
export function strictProblem(problem: Problem): Problem {
  return { ...problem, strict: true, says: withRule(problem.says, problem.setting, "en") };
}

/** Returns the same problem in another language. */
export function translateProblem(problem: Problem, language: Language): Problem {
  const { code, setting, strict, values } = problem;
  if (code === undefined) return problem;
  const says = problemWords(code, values, language);
  return { ...problem, says: strict ? withRule(says, setting, language) : says };
}

function withRule(says: string, setting: string, language: Language): string {
  return `${says}${language === "ja" ? "。" : ". "}${untilRepaired(setting, language)}`;
}
