/** The rows of the Checks page, and the report of a run. */

import { z } from "zod";
import type { CheckState, FeatureCheck, Sentence } from "../../platform/checks.ts";
import { type CureCode, checkTables, checkWords, type SeenCode } from "../../platform/i18n/checks.ts";
import type { Language, Values } from "../../platform/i18n/index.ts";
import { permissionTables } from "../../platform/i18n/permissions.ts";
import { sentence } from "../../platform/i18n/tables.ts";
import { type Problem, translateProblem } from "../../platform/settings/index.ts";
import { lazy } from "../../runtime/lazy.ts";

export const checkIds = [
  "settings",
  "site_url",
  "site_reachable",
  "frame_ancestors",
  "frame_headers",
  "cookies",
  "entra_reachable",
  "cloud",
  "clock",
  "proxy",
  "credential",
  "credential_expiry",
  "roles",
  "registration",
  "consent",
  "second_factor",
  "departures",
  "catalog",
  "installed",
  "licence",
] as const;
export type CheckId = (typeof checkIds)[number];
export type { CheckState } from "../../platform/checks.ts";

export interface CheckRow {
  /** A `CheckId`, or the id of a feature's check. */
  readonly id: string;
  readonly state: CheckState;
  /** The findings. Never a secret, a token or an address with credentials. */
  readonly seen: readonly Sentence[];
  /** What to do; absent when there is nothing to do. */
  readonly cure?: string;
  /** The setting to change, if any; the page links to it. */
  readonly setting?: string;
  /** The invalid settings, in the row `settings`. */
  readonly problems?: readonly Problem[];
}

export interface Report {
  /** ISO time. */
  readonly at: string;
  readonly rows: readonly CheckRow[];
}

const said = lazy(() =>
  z.object({
    code: z.string(),
    values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  }),
);

/** A code that another version wrote and this one does not know is shown as it is. */
export const reportSchema = lazy(
  () =>
    z.object({
      at: z.string(),
      rows: z.array(
        z.object({
          id: z.string(),
          state: z.enum(["ok", "warning", "problem", "unknown"]),
          seen: z.array(said()),
          cure: z.string().optional(),
          setting: z.string().optional(),
          problems: z
            .array(
              z.object({
                setting: z.string(),
                says: z.string(),
                code: z.string().optional(),
                values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
              }),
            )
            .optional(),
        }),
      ),
    }) as unknown as z.ZodType<Report>,
);

export type Finding = Omit<CheckRow, "id">;
type Seen = SeenCode | readonly Sentence<SeenCode>[];

export const see = (code: SeenCode, values?: Values): Sentence<SeenCode>[] => [
  { code, ...(values ? { values } : {}) },
];
const listed = (seen: Seen) => (typeof seen === "string" ? see(seen) : seen);

export const ok = (seen: Seen): Finding => ({ state: "ok", seen: listed(seen) });
export const unknown = (seen: Seen, cure?: CureCode): Finding => ({
  state: "unknown",
  seen: listed(seen),
  ...(cure ? { cure } : {}),
});
export const warning = (seen: Seen, cure: CureCode, setting?: string): Finding => ({
  state: "warning",
  seen: listed(seen),
  cure,
  ...(setting ? { setting } : {}),
});
export const problem = (seen: Seen, cure: CureCode, setting?: string): Finding => ({
  state: "problem",
  seen: listed(seen),
  cure,
  ...(setting ? { setting } : {}),
});

/** A row with its texts in one language. */
export interface WordedRow extends CheckRowFacts {
  readonly title: string;
  readonly evidence: string;
  /** Empty when there is nothing to do. */
  readonly cure: string;
}
type CheckRowFacts = Omit<CheckRow, "cure">;

/** Turns rows, including those of features, into text. */
export interface Wording {
  row(row: CheckRow, language: Language): WordedRow;
  report(report: Report, language: Language): { readonly at: string; readonly rows: readonly WordedRow[] };
  /** Returns the report as plain text that can be mailed. `about`: versions and the like for its head. */
  text(report: Report, about: Readonly<Record<string, string>>, language?: Language): string;
}

export function createWording(contributed: readonly FeatureCheck[]): Wording {
  const tables = new Map(contributed.map(({ id, words }) => [id, words]));

  /** A code that is in no table was written by another version and is shown as it is. */
  function say(row: CheckRow, language: Language, key: string, values?: Values): string {
    const own = tables.get(row.id);
    return (
      (own && sentence(own(), language, key, values)) ??
      sentence(checkTables(), language, key, values) ??
      sentence(permissionTables(), language, key, values) ??
      key
    );
  }

  function wordRow(row: CheckRow, language: Language): WordedRow {
    const problems = row.problems?.map((one) => translateProblem(one, language));
    const sentences = [
      ...row.seen.map(({ code, values }) => say(row, language, `seen.${code}`, values)),
      ...(problems ? [problems.map(({ setting, says }) => `${setting} ${says}`).join("; ")] : []),
    ];
    return {
      ...row,
      ...(problems ? { problems } : {}),
      title: say(row, language, `title.${row.id}`),
      evidence: sentences.join(" "),
      cure: row.cure ? say(row, language, `cure.${row.cure}`) : "",
    };
  }

  return {
    row: wordRow,
    report: (report, language) => ({
      at: report.at,
      rows: report.rows.map((row) => wordRow(row, language)),
    }),
    text: (report, about, language = "en") =>
      [
        checkWords(language, "report.title"),
        checkWords(language, "report.at", { at: report.at }),
        ...Object.entries(about).map(([name, value]) => `${name}: ${value}`),
        "",
        ...report.rows.flatMap((row) => {
          const { title, evidence, cure } = wordRow(row, language);
          const state = checkWords(language, `state.${row.state}`).toUpperCase();
          return [
            `${state.padEnd(7)}  ${title}`,
            `         ${evidence}`,
            ...(cure === "" ? [] : [`         ${checkWords(language, "report.cure", { cure })}`]),
          ];
        }),
        "",
      ].join("\n"),
  };
}
