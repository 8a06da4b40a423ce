/** What the server's support packet gets from this plugin: enough to help, nothing to protect. */

import plugin from "../../plugin.json" with { type: "json" };
import type { Config } from "../microsoft/config/index.ts";
import { type Report, reportText } from "./checks/index.ts";

export interface SupportFile {
  readonly Filename: string;
  readonly Body: Uint8Array;
}

export function supportFiles(
  config: Config,
  report: Report | null,
  metrics: string,
  about: Readonly<Record<string, string>>,
): SupportFile[] {
  const folder = plugin.id;
  const file = (name: string, text: string): SupportFile => ({
    Filename: `${folder}/${name}`,
    Body: new TextEncoder().encode(text),
  });
  const diagnostics = {
    ...Object.fromEntries(Object.entries(about).map(([name, value]) => [snake(name), value])),
    problems: config.problems.map(({ setting, says }) => `${setting} ${says}`),
    credentials: config.credentials.map(({ kind }) => kind),
    checked_at: report?.at ?? null,
    checks: Object.fromEntries(report?.rows.map(({ id, state }) => [id, state]) ?? []),
  };
  return [
    // Named as other plugins name theirs.
    file("diagnostics.yaml", `${Bun.YAML.stringify(diagnostics, null, 2)}\n`),
    file(
      "settings.json",
      `${JSON.stringify({ settings: config.settings, problems: config.problems }, null, 2)}\n`,
    ),
    file("metrics.txt", metrics),
    file(
      "checks.txt",
      report
        ? reportText(report, about)
        : `${Object.entries(about)
            .map((pair) => pair.join(": "))
            .join("\n")}\n`,
    ),
  ];
}

const snake = (name: string) => name.toLowerCase().replaceAll(" ", "_");
