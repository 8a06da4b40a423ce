/** The rows of the Checks page and what a run of them is. */

import { z } from "zod";
import { type CureCode, checkWords, type SeenCode } from "../../platform/i18n/checks.ts";
import type { Language, Values } from "../../platform/i18n/index.ts";
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

/** `unknown`: could not be looked at, and why; nothing that is known to be wrong. */
export type CheckState = "ok" | "warning" | "problem" | "unknown";

/** One sentence: its code in server/platform/i18n/checks, and the values it names. */
export interface Said<Code extends string> {
  readonly code: Code;
  readonly values?: Values;
}

export interface CheckRow {
  readonly id: CheckId;
  readonly state: CheckState;
  /** What was seen. Never a secret, a token or an address with credentials. */
  readonly seen: readonly Said<SeenCode>[];
  /** What to do; absent when nothing is to be done. */
  readonly cure?: CureCode;
  /** A setting to go to, when one is to be changed. */
  readonly setting?: string;
  /** Settings that are wrong, of the row `settings`. */
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

/** Codes that another version wrote and this one lacks are shown as they are. */
export const reportSchema = lazy(
  () =>
    z.object({
      at: z.string(),
      rows: z.array(
        z.object({
          id: z.enum(checkIds),
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
type Seen = SeenCode | readonly Said<SeenCode>[];

export const see = (code: SeenCode, values?: Values): Said<SeenCode>[] => [
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

/** A row in a language. */
export interface WordedRow extends CheckRowFacts {
  readonly title: string;
  readonly evidence: string;
  /** Empty when nothing is to be done. */
  readonly cure: string;
}
type CheckRowFacts = Omit<CheckRow, "cure">;

export function wordRow(row: CheckRow, language: Language): WordedRow {
  const problems = row.problems?.map((one) => translateProblem(one, language));
  const sentences = [
    ...row.seen.map(({ code, values }) => checkWords(language, `seen.${code}`, values)),
    ...(problems ? [problems.map(({ setting, says }) => `${setting} ${says}`).join("; ")] : []),
  ];
  return {
    ...row,
    ...(problems ? { problems } : {}),
    title: checkWords(language, `title.${row.id}`),
    evidence: sentences.join(" "),
    cure: row.cure ? checkWords(language, `cure.${row.cure}`) : "",
  };
}

export const wordReport = (report: Report, language: Language) => ({
  at: report.at,
  rows: report.rows.map((row) => wordRow(row, language)),
});

/** The report as a file: plain text that can be mailed. */
export function reportText(
  report: Report,
  about: Readonly<Record<string, string>>,
  language: Language = "en",
): string {
  return [
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
  ].join("\n");
}
