/**
 * Settings of a member that Mattermost keeps as preferences, in the category that its web app gives to the settings of
 * a plugin. One definition gives the rows of the store, the words of a command, and the options of the panel in the
 * user settings; the web half imports it, too.
 */

/** `pp_` and the plugin's id. */
export const PREFERENCE_CATEGORY = "pp_mission-collaboration";

export interface PreferenceRow {
  readonly Category: string;
  readonly Name: string;
  readonly Value: string;
}

export interface Preference<T> {
  /** Of the row. */
  readonly name: string;
  /** Values of the radio buttons; empty where the panel draws something else. */
  readonly options: readonly string[];
  /** `null`: no choice. The admin's default applies then, also when it changes later. */
  read(value: string): T | null;
  print(value: T): string;
}

/** model.Preference.IsValid of the server. */
const MAX_NAME = 32;

export function preference<T>(
  name: string,
  { read, print, options = [] }: Pick<Preference<T>, "read" | "print"> & { options?: readonly string[] },
): Preference<T> {
  if (name.length > MAX_NAME) throw new Error(`${name} has more than ${MAX_NAME} characters`);
  return { name, options, read, print };
}

export const onOff = (name: string): Preference<boolean> =>
  preference(name, {
    options: ["default", "on", "off"],
    read: (value) => (value === "on" ? true : value === "off" ? false : null),
    print: (value) => (value ? "on" : "off"),
  });

type Definitions = Readonly<Record<string, Preference<unknown>>>;
type ChoicesOf<D> = { readonly [K in keyof D]: D[K] extends Preference<infer T> ? T | null : never };

export interface Preferences<D extends Definitions> {
  readonly all: D;
  /** Whether a row is one of these. */
  has(row: Pick<PreferenceRow, "Category" | "Name">): boolean;
  read(rows: readonly PreferenceRow[]): ChoicesOf<D>;
  /** What to store for a typed word; `null` where it is no value. */
  row(userId: string, key: keyof D, typed: string): (PreferenceRow & { readonly UserId: string }) | null;
}

export function preferences<const D extends Definitions>(all: D): Preferences<D> {
  const names = new Set(Object.values(all).map(({ name }) => name));
  const has: Preferences<D>["has"] = ({ Category, Name }) =>
    Category === PREFERENCE_CATEGORY && names.has(Name);
  return {
    all,
    has,
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
  };
}
