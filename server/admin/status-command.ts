/** `/teams status` for a member, `/teams diagnose` for an admin. Shaped for the command room, which knows neither. */

import type { ConfigSource } from "../platform/settings/index.ts";
import { type CheckState, type Report, titles } from "./checks/report.ts";

export interface StatusPorts {
  readonly config: ConfigSource;
  /** Milliseconds since 1970 when the person's Microsoft account was linked; `null` without a link. */
  readonly linkedAt: (userId: string) => Promise<number | null>;
  readonly notificationsAvailable: () => boolean;
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
  readonly runChecks: (userId: string) => Promise<Report>;
}

interface Subcommand {
  readonly name: string;
  readonly help: string;
  run(words: readonly string[], caller: { readonly userId: string }): Promise<string>;
}

export function statusCommands(ports: StatusPorts): Subcommand[] {
  return [
    {
      name: "status",
      help: "How your account is connected to Microsoft 365",
      run: (_words, caller) => status(ports, caller.userId),
    },
    {
      name: "diagnose",
      help: "Run all checks (system admins)",
      run: (_words, caller) => diagnose(ports, caller.userId),
    },
  ];
}

async function status(ports: StatusPorts, userId: string): Promise<string> {
  if (!ports.config.current.registration)
    return "Microsoft 365 is not set up on this server yet. Your admin has to finish that first.";
  const linkedAt = await ports.linkedAt(userId);
  if (linkedAt === null) {
    return "Your account is not connected to a Microsoft account. Open the Mattermost tab in Teams, Outlook or the Microsoft 365 app once: that connects it.";
  }
  const since = new Date(linkedAt).toISOString().slice(0, 10);
  return [
    `Your account is connected to your Microsoft account since ${since}.`,
    ports.notificationsAvailable()
      ? "Activity in Microsoft Teams is available: `/teams notifications` shows what you are told."
      : "Activity in Microsoft Teams is switched off on this server.",
    "`/teams unlink` takes the connection apart.",
  ].join("\n");
}

const marks: Readonly<Record<CheckState, string>> = {
  ok: ":white_check_mark:",
  warning: ":warning:",
  problem: ":x:",
  unknown: ":grey_question:",
};

async function diagnose(ports: StatusPorts, userId: string): Promise<string> {
  if (!(await ports.isSystemAdmin(userId))) return "Only system admins may do this.";
  const { rows } = await ports.runChecks(userId);
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  return [
    "| | Check | What was seen | What to do |",
    "|---|---|---|---|",
    ...rows.map(
      (row) => `| ${marks[row.state]} | ${titles[row.id]} | ${cell(row.evidence)} | ${cell(row.cure)} |`,
    ),
  ].join("\n");
}
