/**
 * Rules for settings: each turns what an admin typed into a value, or throws `Wrong` with the code of a sentence.
 * They are written by hand and not with zod, because the settings are read at every start and schemas would cost 5
 * ms.
 */

import type { ProblemCode } from "../i18n/problems.ts";
import { GUID, pastedGuid, pastedValue, pastedWords } from "./pasted.ts";

export interface Rule<T> {
  readonly initial: T;
  /** The kind of field in the System Console. */
  readonly field: "text" | "longtext" | "number" | "bool" | "dropdown";
  /** Options of a dropdown. */
  readonly options?: readonly string[];
  /** Reads a value that is set. Throws `Wrong`. */
  read(value: unknown): T;
}

export type Fault =
  | ProblemCode
  | { readonly code: ProblemCode; readonly values: Readonly<Record<string, string | number>> };

export class Wrong extends Error {
  readonly fault: Fault;
  /** The part of the value that could be read. */
  readonly kept: unknown;
  constructor(fault: Fault, kept?: unknown) {
    super(typeof fault === "string" ? fault : fault.code);
    this.fault = fault;
    this.kept = kept;
  }
}

/** A list that matches nobody. An empty list would mean everybody. */
export const NOBODY: readonly string[] = Object.freeze(["(nobody)"]);

function accept(good: boolean, fault: Fault): void {
  if (!good) throw new Wrong(fault);
}

export function string(value: unknown): string {
  if (typeof value !== "string") throw new Wrong("not_text");
  return value;
}

/** Reads one value, cleaned of what was pasted with it. */
export function trimmed(
  fault: Fault,
  isGood: (text: string) => boolean,
  { initial = "", clean = pastedValue, tidy = (text: string) => text } = {},
): Rule<string> {
  return {
    initial,
    field: "text",
    read(value) {
      const text = tidy(clean(string(value)));
      accept(isGood(text), fault);
      return text;
    },
  };
}

/** An empty field means the default; a field with only spaces is an error. */
export function optional<T>(rule: Rule<T>): Rule<T> {
  return { ...rule, read: (value) => (value === "" ? rule.initial : rule.read(value)) };
}

/** Uses a field with several lines. */
export const lines = (rule: Rule<string>): Rule<string> => ({ ...rule, field: "longtext" });

/** Allows at most `most` UTF-16 units. */
export const short = (most: number, fault: Fault) => trimmed(fault, (text) => text.length <= most);

/** Certificates and keys in PEM form. certificates.ts reads them and accepts text around the blocks. */
export const pem = (most: number, fault: Fault) =>
  lines(trimmed(fault, (text) => text.length <= most, { clean: (text) => text.trim() }));

/** Allows at most `most` characters, counted as the manifest schema counts them. */
export const text = (most: number) =>
  trimmed({ code: "too_long", values: { most } }, (value) => [...value].length <= most, {
    clean: pastedWords,
  });

export const guid = optional(trimmed("guid", (id) => GUID.test(id), { clean: pastedGuid }));

/** Reads an address and removes a trailing slash. */
export function address(fault: Fault, isGood: (url: URL) => boolean): Rule<string> {
  return optional(
    trimmed(fault, (text) => isUrl(text, isGood), { tidy: (text) => text.replace(/\/+$/, "") }),
  );
}

/** msal-node and browsers accept only https. */
export const httpsUrl = address("https_url", ({ protocol }) => protocol === "https:");

function isUrl(text: string, isGood: (url: URL) => boolean): boolean {
  try {
    const url = new URL(text);
    // A bare `?` or `#` leaves search and hash empty, but swallows every path that is appended to the address.
    return !/[?#]/.test(text) && url.username === "" && url.password === "" && isGood(url);
  } catch {
    return false;
  }
}

/** Mattermost stores booleans of custom settings as booleans or as text, depending on who wrote them. */
function boolean(value: unknown): boolean {
  const text = typeof value === "string" ? value.trim().toLowerCase() : value;
  if (text === true || text === "true") return true;
  if (text === false || text === "false" || text === "") return false;
  throw new Wrong("not_boolean");
}

export const flag: Rule<boolean> = { initial: false, field: "bool", read: boolean };

/**
 * A flag that is true by default. It is a dropdown, because the System Console sets a boolean to false when it saves
 * while the plugin is disabled (schema_admin_settings.tsx, getSettingValue).
 */
export const flagOn: Rule<boolean> = optional({
  initial: true,
  field: "dropdown",
  options: ["true", "false"],
  read: boolean,
});

/** A choice of options; the first is the default. */
export function choice<const T extends string>(...options: readonly [T, ...T[]]): Rule<T> {
  return {
    initial: options[0],
    field: "dropdown",
    options,
    read(value) {
      const text = typeof value === "string" ? value.trim().toLowerCase() : value;
      const chosen = options.find((option) => option === text);
      if (chosen === undefined) throw new Wrong({ code: "choice", values: { options: options.join(", ") } });
      return chosen;
    },
  };
}

interface ListOptions {
  readonly isGood?: (text: string) => boolean;
  readonly tidy?: (text: string) => string;
}

/** Splits a field into lower-case values, separated by commas, semicolons or spaces, as people type them. */
function entriesOf(value: unknown, tidy: (text: string) => string): string[] {
  const items = string(value)
    .split(/[\s,;]+/)
    .filter((part) => part !== "")
    .map((part) => tidy(pastedValue(part).toLowerCase()))
    .filter((part) => part !== "");
  accept(items.length <= 100, { code: "too_many", values: { most: 100 } });
  return items;
}

/** Accepts the whole list or refuses it. */
export function list(
  fault: Fault = "not_text",
  { isGood = () => true, tidy = (text) => text }: ListOptions = {},
): Rule<readonly string[]> {
  return {
    initial: [],
    field: "text",
    read(value) {
      const items = entriesOf(value, tidy);
      accept(items.every(isGood), fault);
      return items;
    },
  };
}

/** A list of those who get a right. Valid entries stay in force when others cannot be read. */
export function grant(fault: Fault, isGood: (text: string) => boolean): Rule<readonly string[]> {
  return {
    initial: [],
    field: "text",
    read(value) {
      const entries = entriesOf(value, (text) => text);
      const good = entries.filter(isGood);
      if (good.length < entries.length) throw new Wrong(fault, good);
      return good;
    },
  };
}

/** A list in which empty means everybody. Unreadable entries never make it empty. */
export function restriction(
  fault: Fault,
  { isGood = () => true, tidy = (text) => text }: ListOptions,
): Rule<readonly string[]> {
  return {
    initial: [],
    field: "text",
    read(value) {
      const entries = entriesOf(value, tidy);
      const good = entries.filter(isGood);
      // A field with nothing but separators was meant as a restriction.
      const isMeant = entries.length > 0 || string(value).trim() === "";
      if (good.length < entries.length || !isMeant) throw new Wrong(fault, good.length > 0 ? good : NOBODY);
      return good;
    },
  };
}

type Range = readonly [min: number, initial: number, max: number];

/** The System Console stores numbers as numbers; `mmctl` and environment variables store them as text. */
export function wholeNumber(
  [min, initial, max]: Range,
  fault: Readonly<Record<"number" | "whole" | "min" | "max", Fault>>,
): Rule<number> {
  return {
    initial,
    field: "number",
    read(value) {
      accept(typeof value === "number" || typeof value === "string", fault.number);
      const number = Number(value);
      accept(Number.isFinite(number), fault.number);
      accept(Number.isSafeInteger(number), fault.whole);
      accept(number >= min, fault.min);
      accept(number <= max, fault.max);
      return number;
    },
  };
}

export const count = (range: Range): Rule<number> =>
  wholeNumber(range, {
    number: "not_number",
    whole: "not_whole",
    min: { code: "min", values: { min: range[0] } },
    max: { code: "max", values: { max: range[2] } },
  });

/** A team's name in its address: the server's model.IsValidTeamName without its reserved words. */
export const isTeamName = (text: string) => /^[a-z0-9][a-z0-9_-]{0,63}$/.test(text);
