/** The answers of `/teams status` and `/teams diagnose`, loaded on first use. */

import type { ConfigSource } from "../microsoft/config/index.ts";
import { checkWords } from "../platform/i18n/checks.ts";
import type { Language } from "../platform/i18n/index.ts";
import type { Checks } from "./checks/index.ts";
import type { CheckState } from "./checks/report.ts";
import { statusWords } from "./status-words.ts";

export interface StatusPorts {
  readonly config: ConfigSource;
  /** When the person's Microsoft account was linked, in milliseconds since 1970; `null` without a link. */
  readonly linkedAt: (userId: string) => Promise<number | null>;
  readonly notificationsAvailable: () => boolean;
  /** A line about the person's connected account; `null` while no feature needs one. */
  readonly connection?: (userId: string, language: Language | undefined) => Promise<string | null>;
  /** The features' lines about the person. */
  readonly features?: (userId: string, language: Language) => Promise<readonly string[]>;
  /** Whether the person has switched notifications on. */
  readonly notificationsOn: (userId: string) => Promise<boolean>;
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
  /** The checks, loaded with the first command that runs them. */
  readonly checks: () => Promise<Pick<Checks, "run" | "wording">>;
}

export interface Caller {
  readonly userId: string;
  readonly language?: Language;
}

export async function status(ports: StatusPorts, { userId, language }: Caller): Promise<string> {
  const say = statusWords.in(language);
  if (!ports.config.current.registration) return say("not_set_up");
  const connection = await ports.connection?.(userId, language);
  const lines = connection ? [connection] : [];
  const [linkedAt, more = []] = await Promise.all([
    ports.linkedAt(userId),
    ports.features?.(userId, language ?? "en"),
  ]);
  if (linkedAt === null) return [...(connection ? lines : [say("not_connected")]), ...more].join("\n");
  const date = new Date(linkedAt).toISOString().slice(0, 10);
  const activity = !ports.notificationsAvailable()
    ? "activity_unavailable"
    : (await ports.notificationsOn(userId))
      ? "activity_on"
      : "activity_off";
  return [...lines, say("connected", { date }), say(activity), ...more, say("unlink_hint")].join("\n");
}

const marks: Readonly<Record<CheckState, string>> = {
  ok: ":white_check_mark:",
  warning: ":warning:",
  problem: ":x:",
  unknown: ":grey_question:",
};

export async function diagnose(ports: StatusPorts, { userId, language = "en" }: Caller): Promise<string> {
  if (!(await ports.isSystemAdmin(userId))) return statusWords.in(language)("admins_only");
  const checks = await ports.checks();
  const { rows } = checks.wording.report(await checks.run(userId), language);
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const head = (["check", "seen", "cure"] as const).map((name) => checkWords(language, `table.${name}`));
  return [
    `| | ${head.join(" | ")} |`,
    "|---|---|---|---|",
    ...rows.map(
      (row) => `| ${marks[row.state]} | ${row.title} | ${cell(row.evidence)} | ${cell(row.cure)} |`,
    ),
  ].join("\n");
}
