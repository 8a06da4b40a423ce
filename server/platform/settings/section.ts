/**
 * A section holds the settings of one part of the product. Each setting has a rule, a default, the value that applies
 * while the stored one cannot be read, and a secret flag. plugin.json, the table in the admin guide and the redaction
 * are derived from it.
 */

import { deepFreeze } from "./deep-freeze.ts";
import { type Problem, problemWith, strictProblem } from "./problem.ts";
import { type Rule, Wrong } from "./rule.ts";

export interface Setting<T> extends Rule<T> {
  /**
   * The value that applies while the stored one cannot be read. A setting that restricts something has a strict
   * fallback, because an admin who typed something wanted a restriction. Its text is `until.<setting>` in
   * i18n/problems.
   */
  readonly unreadable: "default" | { readonly value: T };
  /** Its value never leaves the configuration in clear text: not to the console, a log or the support packet. */
  readonly secret?: boolean;
  /** An example value, the same in all languages. */
  readonly placeholder?: string;
}

export type Definitions = Readonly<Record<string, Setting<unknown>>>;

export interface Section<D extends Definitions = Definitions> {
  /** The page of the System Console, in the order of plugin.json. */
  readonly page: string;
  readonly settings: D;
}

export type ValuesOf<S> =
  S extends Section<infer D> ? { readonly [K in keyof D]: D[K] extends Setting<infer T> ? T : never } : never;

/** Gives the values of one section. Passed to a room in place of all settings, it shows which ones the room reads. */
export type SectionReader = <D extends Definitions>(section: Section<D>) => ValuesOf<Section<D>>;

type More = Pick<Setting<unknown>, "secret" | "placeholder">;

export const section = <const D extends Definitions>(page: string, settings: D): Section<D> => ({
  page,
  settings,
});

/**
 * For a setting that restricts nothing, or without which nothing works: the default applies while it cannot be read.
 */
export const plain = <T>(rule: Rule<T>, more: More = {}): Setting<T> => ({
  ...rule,
  ...more,
  unreadable: "default",
});

/** For a setting that restricts: `strict` applies while it cannot be read. */
export const restricting = <T>(rule: Rule<T>, strict: NoInfer<T>, more: More = {}): Setting<T> => ({
  ...rule,
  ...more,
  unreadable: { value: strict },
});

export interface Read<V> {
  readonly values: V;
  readonly problems: Problem[];
}

/**
 * Reads a section. `raw` is the JSON of LoadPluginConfiguration; the server makes all keys lower case, as ours are.
 * An unreadable value never stops the plugin, because the admin could then not repair it.
 */
export function readSection<D extends Definitions>(
  { settings }: Section<D>,
  raw: unknown,
): Read<ValuesOf<Section<D>>> {
  const stored = new Map(
    Object.entries(typeof raw === "object" && raw !== null ? raw : {}).map(([key, value]) => [
      key.toLowerCase(),
      value as unknown,
    ]),
  );
  const problems: Problem[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(settings)) {
    values[key] = setting.initial;
    const value = stored.get(key);
    if (value === undefined || value === null) continue;
    try {
      values[key] = setting.read(value);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      const { fault, kept } = error;
      const { unreadable } = setting;
      if (unreadable !== "default") values[key] = kept ?? unreadable.value;
      const problem =
        typeof fault === "string" ? problemWith(key, fault) : problemWith(key, fault.code, fault.values);
      problems.push(unreadable === "default" ? problem : strictProblem(problem));
    }
  }
  return { values: values as ValuesOf<Section<D>>, problems };
}

/** The sections of stored settings, without secrets. Each is read once. */
export function sectionReader(raw: unknown): SectionReader {
  const known = new Map<Section, unknown>();
  return <D extends Definitions>(section: Section<D>) => {
    if (!known.has(section)) {
      known.set(section, deepFreeze(withoutSecrets(readSection(section, raw).values, section.settings)));
    }
    return known.get(section) as ValuesOf<Section<D>>;
  };
}

/** Returns the values without secrets; for a secret it only shows that it is set. */
export function withoutSecrets<V extends object>(values: V, settings: Definitions): V {
  const hidden = Object.entries(values).map(([key, value]) => [
    key,
    settings[key]?.secret && value !== "" ? "[redacted]" : value,
  ]);
  return Object.fromEntries(hidden) as V;
}
