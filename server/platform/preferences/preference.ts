/** One choice of a member: text in a row or a command, JSON in a route or a record. */

export interface Preference<T> {
  /** The name of the preference row, or of the field. */
  readonly name: string;
  /** Values of the radio buttons; empty when the panel draws something else. */
  readonly options: readonly string[];
  /** `null`: no choice. The admin's default then applies, even when it changes later. */
  read(value: string): T | null;
  print(value: T): string;
  /** Reads JSON; `null` when it is not a valid value. */
  take(value: unknown): T | null;
  show(value: T): unknown;
}

/** Limit of model.Preference.IsValid of the server. */
const MAX_NAME = 32;

type Given<T> = Pick<Preference<T>, "read" | "print"> & Partial<Omit<Preference<T>, "name">>;

export function preference<T>(name: string, given: Given<T>): Preference<T> {
  if (name.length > MAX_NAME) throw new Error(`${name} has more than ${MAX_NAME} characters`);
  const { read, print } = given;
  return {
    name,
    options: [],
    take: (value) => (typeof value === "string" ? read(value) : null),
    show: print,
    ...given,
  };
}

export const onOff = (name: string): Preference<boolean> =>
  preference(name, {
    options: ["default", "on", "off"],
    read: (value) => (value === "on" ? true : value === "off" ? false : null),
    print: (value) => (value ? "on" : "off"),
    take: (value) => (typeof value === "boolean" ? value : null),
    show: (value) => value,
  });

/** A subset of the given values; choosing none of them is a choice, too. */
export function someOf<T extends string>(name: string, all: readonly T[]): Preference<ReadonlySet<T>> {
  const take = (value: unknown) =>
    Array.isArray(value) && value.every((one) => all.includes(one)) ? new Set<T>(value) : null;
  const show = (value: ReadonlySet<T>) => all.filter((one) => value.has(one));
  return preference(name, {
    take,
    show,
    read: (value) => (value === "" ? null : take(value === "none" ? [] : value.split(","))),
    print: (value) => show(value).join(",") || "none",
  });
}
