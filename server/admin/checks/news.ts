/** Chooses what to report to the system admins: each thing that broke, once. */

import { checkWords } from "../../platform/i18n/checks.ts";
import type { Language } from "../../platform/i18n/language.ts";
import { EXPIRY_DAYS } from "./microsoft-checks.ts";
import type { CheckRow, Wording } from "./report.ts";

export function newsworthy(row: CheckRow): boolean {
  return row.state === "problem" || (row.id === "credential_expiry" && row.state === "warning");
}

/** Identifies a problem. An expiry is reported once at each threshold, everything else once until it is fixed. */
export function newsKey(row: CheckRow): string {
  const { count, date } = row.seen[0]?.values ?? {};
  if (row.id !== "credential_expiry" || date === undefined) return row.id;
  const reached = typeof count === "number" && EXPIRY_DAYS.filter((days) => count <= days).at(-1);
  return `${row.id}:${typeof count === "number" ? reached : "expired"}:${date}`;
}

export function newsMessage(rows: readonly CheckRow[], wording: Wording, language: Language): string {
  const list = rows
    .map((row) => wording.row(row, language))
    .map(({ title, evidence, cure }) => `- **${title}**: ${evidence}\n  ${cure}`);
  return [
    `#### ${checkWords(language, "message.title")}`,
    ...list,
    "",
    checkWords(language, "message.where"),
  ].join("\n");
}
