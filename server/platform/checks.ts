/**
 * The rows that features add to the Checks page. The code passes codes and values; they become sentences last, by
 * language.
 */

import type { SentenceTables } from "./i18n/tables.ts";
import type { Values } from "./i18n/words.ts";

/** `unknown`: the check could not run, which is not a failure. */
export type CheckState = "ok" | "warning" | "problem" | "unknown";

/** One sentence: its code and the values in it. Never a secret, a token or an address with credentials. */
export interface Sentence<Code extends string = string> {
  readonly code: Code;
  readonly values?: Values;
}

export interface CheckAnswer {
  readonly state: CheckState;
  /** What the check found. */
  readonly seen: readonly Sentence[];
  /** Code of the admin's next step; absent when there is nothing to do. */
  readonly cure?: string;
  /** The setting to change, if any; the page links to it. */
  readonly setting?: string;
}

export interface FeatureCheck {
  /** Unique among all checks. */
  readonly id: string;
  /** Sentences `title.<id>`, `seen.<code>` and `cure.<code>` in the languages of the System Console. */
  readonly words: () => SentenceTables;
  /** Runs the check; must answer within ten seconds. `null` means there is nothing to check, so no row is shown. */
  look(): CheckAnswer | null | Promise<CheckAnswer | null>;
}
