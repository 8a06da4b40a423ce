/**
 * A system of the product as an admin sees it: one card of the page Overview. A feature declares it; the console
 * knows no list of systems. Logic carries codes and values; the words come last, by language.
 */

import type { Sentence } from "./checks.ts";
import type { SentenceTables } from "./i18n/tables.ts";

/** A place of the System Console. */
export interface Place {
  readonly page: string;
  /** `data-part` of a part of the page. */
  readonly part?: string;
  readonly setting?: string;
}

/** `figure.<code>` or `reason.<code>` is its name. `at`: milliseconds since 1970; null: never. */
export type Figure =
  | { readonly code: string; readonly count: number }
  | { readonly code: string; readonly at: number | null };

export interface Trouble {
  /** `problem`: the system does not work. `warning`: for some, or not for long. */
  readonly state: "warning" | "problem";
  readonly seen: Sentence;
  readonly cure: string;
  readonly place?: Place;
  readonly at?: number;
}

/** People, links or mailboxes for which the system does not work: `failing.<code>`, with `{count}`. */
export interface Failing {
  readonly code: string;
  readonly count: number;
  readonly place: Place;
}

export interface SystemState {
  readonly isOn: boolean;
  readonly figures: readonly Figure[];
  readonly failing?: readonly Failing[];
  /** What the checks do not say, the worst first. */
  readonly trouble?: readonly Trouble[];
  /** Refusals and failures by reason, on this node since the plugin was started. */
  readonly reasons?: readonly Figure[];
}

/** `step.<id>` is its name. The first step that fails is the last one. */
export interface TestStep {
  readonly id: string;
  readonly ok: boolean;
  readonly seen: Sentence;
  /** Of a step that failed. */
  readonly cure?: string;
  readonly place?: Place;
}

export interface SystemTest {
  /** Whom it is about: the admin who presses, or a member whose name the admin types. */
  readonly about: "self" | "member";
  run(subject: { readonly userId: string }): Promise<readonly TestStep[]>;
}

export interface System {
  readonly id: string;
  /** `title`, `reasons` where there are any, and for each code `figure.`, `reason.`, `failing.`, `seen.`, `cure.` and `step.` with it. */
  readonly words: () => SentenceTables;
  /** Page of the System Console with the details. */
  readonly page: string;
  /** The setting that switches it on. */
  readonly setting?: string;
  /** Ids of checks of other rooms whose failure stops this system, too. */
  readonly standsOn?: readonly string[];
  /** Answers at once, without a call to Microsoft. */
  look(): SystemState | Promise<SystemState>;
  readonly test?: SystemTest;
}

export const OFF: SystemState = { isOn: false, figures: [] };
