/** What is wrong with a setting, in a sentence that the console can translate. */

export interface Problem {
  readonly setting: string;
  /** A sentence for the admin: what is wrong and what is expected. Never contains the value of a secret. */
  readonly says: string;
  /** The sentence with its `{names}`, where it has any: the key of its translation. */
  readonly template?: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

export function problem(
  setting: string,
  template: string,
  values: Readonly<Record<string, string | number>> = {},
): Problem {
  if (Object.keys(values).length === 0) return { setting, says: template };
  return { setting, says: fill(template, values), template, values };
}

const fill = (template: string, values: Readonly<Record<string, string | number>>): string =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
