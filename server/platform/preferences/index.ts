/**
 * Members' settings. One definition gives the words of a command, the options of the panel, the fields of a route,
 * and the stored form: rows of Mattermost's preferences, in the category that its web app uses for a plugin's
 * settings, or JSON in a record of the feature. The web app imports this module, too.
 */

import type { Preference } from "./preference.ts";

export { onOff, type Preference, preference, someOf } from "./preference.ts";
export {
  isQuiet,
  isWithin,
  minuteOfDay,
  printQuiet,
  type QuietHours,
  quietEnds,
  quietHours,
} from "./quiet-hours.ts";

/** `pp_` and the plugin's id. */
export const PREFERENCE_CATEGORY = "pp_mission-collaboration";

export interface PreferenceRow {
  readonly Category: string;
  readonly Name: string;
  readonly Value: string;
}

type Definitions = Readonly<Record<string, Preference<unknown>>>;
/** `null`: not chosen. */
export type ChoicesOf<D> = { readonly [K in keyof D]: D[K] extends Preference<infer T> ? T | null : never };
export type FieldProblem = "unknown" | "invalid";
type Json = Readonly<Record<string, unknown>>;

export interface Preferences<D extends Definitions> {
  readonly all: D;
  /** All choices unset. */
  readonly none: ChoicesOf<D>;
  /** Whether a preference row belongs to these settings. */
  has(row: Pick<PreferenceRow, "Category" | "Name">): boolean;
  read(rows: readonly PreferenceRow[]): ChoicesOf<D>;
  /** Returns the row to store for a typed word; `null` when the word is not a valid value. */
  row(userId: string, key: keyof D, typed: string): (PreferenceRow & { readonly UserId: string }) | null;
  /** Applies a partial change. Returns the problems by field; when there is one, the choices stay unchanged. */
  changed(
    choices: ChoicesOf<D>,
    part: Json,
  ): { readonly choices: ChoicesOf<D>; readonly problems: Readonly<Record<string, FieldProblem>> };
  /** Returns the chosen values for a record. */
  toJson(choices: ChoicesOf<D>): Json;
  /** Reads stored values. Drops those that another version stored and that are invalid here. */
  fromJson(stored: unknown): ChoicesOf<D>;
}

export function preferences<const D extends Definitions>(all: D): Preferences<D> {
  const names = new Set(Object.values(all).map(({ name }) => name));
  const none = Object.fromEntries(Object.keys(all).map((key) => [key, null])) as ChoicesOf<D>;
  const has: Preferences<D>["has"] = ({ Category, Name }) =>
    Category === PREFERENCE_CATEGORY && names.has(Name);
  const changed: Preferences<D>["changed"] = (choices, part) => {
    const problems: Record<string, FieldProblem> = {};
    const next: Record<string, unknown> = { ...choices };
    for (const [key, given] of Object.entries(part)) {
      const taken = Object.hasOwn(all, key) ? all[key]?.take(given) : undefined;
      if (taken === undefined || taken === null) problems[key] = taken === null ? "invalid" : "unknown";
      else next[key] = taken;
    }
    const isRight = Object.keys(problems).length === 0;
    return { choices: isRight ? (next as ChoicesOf<D>) : choices, problems };
  };
  return {
    ...{ all, none, has, changed },
    read(rows) {
      const stored = new Map(rows.filter(has).map(({ Name, Value }) => [Name, Value]));
      const choices = Object.entries(all).map(([key, { name, read }]) => [key, read(stored.get(name) ?? "")]);
      return Object.fromEntries(choices) as ChoicesOf<D>;
    },
    row(userId, key, typed) {
      const { name, print, read } = all[key] as Preference<unknown>;
      const value = read(typed);
      if (value === null) return null;
      return { UserId: userId, Category: PREFERENCE_CATEGORY, Name: name, Value: print(value) };
    },
    toJson: (choices) =>
      Object.fromEntries(
        Object.entries(choices).flatMap(([key, value]) =>
          value === null ? [] : [[key, all[key]?.show(value)]],
        ),
      ),
    fromJson(stored) {
      const fields = typeof stored === "object" && stored !== null ? Object.entries(stored) : [];
      return fields.reduce((choices, [key, value]) => changed(choices, { [key]: value }).choices, none);
    },
  };
}
