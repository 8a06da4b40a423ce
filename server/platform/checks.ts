/** Rows that features add to the Checks page. Logic carries codes and values; the words come last, by language. */

import type { SentenceTables } from "./i18n/tables.ts";
import type { Values } from "./i18n/words.ts";

/** `unknown`: the check could not run; that is not a failure. */
export type CheckState = "ok" | "warning" | "problem" | "unknown";

/** One sentence: its code, and the values it names. Never a secret, a token or an address with credentials. */
export interface Sentence<Code extends string = string> {
  readonly code: Code;
  readonly values?: Values;
}

export interface CheckAnswer {
  readonly state: CheckState;
  /** Evidence. */
  readonly seen: readonly Sentence[];
  /** The admin's next step; absent when nothing is to be done. */
  readonly cure?: string;
  /** A setting to go to, when one is to be changed. */
  readonly setting?: string;
}

export interface FeatureCheck {
  /** Unique among all checks. */
  readonly id: string;
  /** `title.<id>`, `seen.<code>` and `cure.<code>`, in the languages of the System Console. */
  readonly words: () => SentenceTables;
  /** Within ten seconds. `null`: there is nothing to look at, so there is no row. */
  look(): CheckAnswer | null | Promise<CheckAnswer | null>;
}
