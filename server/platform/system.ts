/**
 * Types for a system of the product as an admin sees it: one card of the Overview page. A feature declares it; the
 * console has no list of systems. The code passes codes and values; they become sentences last, by language.
 */

import type { Sentence } from "./checks.ts";
import type { SentenceTables } from "./i18n/tables.ts";

/** A place in the System Console. */
export interface Place {
  readonly page: string;
  /** The `data-part` attribute of a part of the page. */
  readonly part?: string;
  readonly setting?: string;
}

/**
 * A number or a time on the card. Its label is `figure.<code>` or `reason.<code>`. `at`: milliseconds since 1970;
 * null: never.
 */
export type Figure =
  | { readonly code: string; readonly count: number }
  | { readonly code: string; readonly at: number | null };

export interface Trouble {
  /** `problem`: the system does not work. `warning`: it fails for some people, or only for a short time. */
  readonly state: "warning" | "problem";
  readonly seen: Sentence;
  readonly cure: string;
  readonly place?: Place;
  readonly at?: number;
}

/** The number of people, links or mailboxes for which the system fails: `failing.<code>`, with `{count}`. */
export interface Failing {
  readonly code: string;
  readonly count: number;
  readonly place: Place;
}

export interface SystemState {
  readonly isOn: boolean;
  readonly figures: readonly Figure[];
  readonly failing?: readonly Failing[];
  /** Problems that the checks do not report, the worst first. */
  readonly trouble?: readonly Trouble[];
  /** Refusals and failures by reason, on this node since the plugin started. */
  readonly reasons?: readonly Figure[];
}

/** One step of a test; its label is `step.<id>`. The first step that fails is the last one. */
export interface TestStep {
  readonly id: string;
  readonly ok: boolean;
  readonly seen: Sentence;
  /** The cure for a failed step. */
  readonly cure?: string;
  readonly place?: Place;
}

export interface SystemTest {
  /** Whose account is tested: the admin's own, or that of a member whom the admin names. */
  readonly about: "self" | "member";
  run(subject: { readonly userId: string }): Promise<readonly TestStep[]>;
}

export interface System {
  readonly id: string;
  /**
   * Texts: `title`, `reasons` if there are any, and for each code `figure.`, `reason.`, `failing.`, `seen.`, `cure.`
   * and `step.` followed by it.
   */
  readonly words: () => SentenceTables;
  /** The page of the System Console with the details. */
  readonly page: string;
  /** The setting that switches the system on. */
  readonly setting?: string;
  /** Ids of checks of other parts whose failure stops this system, too. */
  readonly standsOn?: readonly string[];
  /** Returns the state at once, without a call to Microsoft. */
  look(): SystemState | Promise<SystemState>;
  readonly test?: SystemTest;
}

export const OFF: SystemState = { isOn: false, figures: [] };
