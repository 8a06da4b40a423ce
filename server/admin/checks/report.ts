/** The rows of the Checks page and what a run of them is. */

import { z } from "zod";
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
  "catalog",
  "installed",
  "licence",
] as const;
export type CheckId = (typeof checkIds)[number];

/** `unknown`: could not be looked at, and why; nothing that is known to be wrong. */
export type CheckState = "ok" | "warning" | "problem" | "unknown";

export interface CheckRow {
  readonly id: CheckId;
  readonly state: CheckState;
  /** What was seen. Never a secret, a token or an address with credentials. */
  readonly evidence: string;
  /** What to do; empty when nothing is to be done. */
  readonly cure: string;
  /** A setting to go to, when one is to be changed. */
  readonly setting?: string;
}

export interface Report {
  /** ISO time. */
  readonly at: string;
  readonly rows: readonly CheckRow[];
}

export const reportSchema = lazy(
  () =>
    z.object({
      at: z.string(),
      rows: z.array(
        z.object({
          id: z.enum(checkIds),
          state: z.enum(["ok", "warning", "problem", "unknown"]),
          evidence: z.string(),
          cure: z.string(),
          setting: z.string().optional(),
        }),
      ),
    }) as z.ZodType<Report>,
);

export type Finding = Omit<CheckRow, "id">;
export const ok = (evidence: string): Finding => ({ state: "ok", evidence, cure: "" });
export const unknown = (evidence: string, cure = ""): Finding => ({ state: "unknown", evidence, cure });
export const warning = (evidence: string, cure: string, setting?: string): Finding => ({
  state: "warning",
  evidence,
  cure,
  ...(setting ? { setting } : {}),
});
export const problem = (evidence: string, cure: string, setting?: string): Finding => ({
  state: "problem",
  evidence,
  cure,
  ...(setting ? { setting } : {}),
});

/** In English, for the bot's message and the downloaded report; the console has its own words. */
export const titles: Readonly<Record<CheckId, string>> = {
  settings: "Settings",
  site_url: "Site URL",
  site_reachable: "Site URL answers",
  frame_ancestors: "Microsoft 365 may show Mattermost in a frame",
  frame_headers: "No proxy forbids the frame",
  cookies: "Cookies inside Microsoft 365",
  entra_reachable: "Entra keys",
  cloud: "Microsoft cloud of the tenant",
  clock: "Clock",
  proxy: "Way to Microsoft",
  credential: "Credential",
  credential_expiry: "Expiry of the credential",
  roles: "Rights of the app",
  registration: "App registration",
  consent: "Consent for sign-in",
  catalog: "App in the Teams catalog",
  installed: "App installed for you",
  licence: "Licence",
};

/** The report as a file: plain text that can be mailed. */
export function reportText(report: Report, about: Readonly<Record<string, string>>): string {
  const marks = { ok: "OK     ", warning: "WARNING", problem: "PROBLEM", unknown: "UNKNOWN" } as const;
  return [
    "Mission Collaboration for Microsoft 365: report of the checks",
    `Run at ${report.at}`,
    ...Object.entries(about).map(([name, value]) => `${name}: ${value}`),
    "",
    ...report.rows.flatMap((row) => [
      `${marks[row.state]}  ${titles[row.id]}`,
      `         ${row.evidence}`,
      ...(row.cure === "" ? [] : [`         What to do: ${row.cure}`]),
    ]),
    "",
  ].join("\n");
}
