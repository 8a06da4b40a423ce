/** The commands `/teams status` for members and `/teams diagnose` for admins. */

import type { Language } from "../platform/i18n/index.ts";
import type { Caller, StatusPorts } from "./status-answer.ts";
import { statusWords } from "./status-words.ts";

export type { StatusPorts } from "./status-answer.ts";

interface Subcommand {
  readonly name: string;
  help(language?: Language): string;
  readonly role?: "system_admin";
  run(words: readonly string[], caller: Caller): Promise<string>;
}

export function statusCommands(ports: StatusPorts): Subcommand[] {
  return [
    {
      name: "status",
      help: (language) => statusWords.in(language)("status_help"),
      run: async (_words, caller) => (await import("./status-answer.ts")).status(ports, caller),
    },
    {
      name: "diagnose",
      help: (language) => statusWords.in(language)("diagnose_help"),
      role: "system_admin",
      run: async (_words, caller) => (await import("./status-answer.ts")).diagnose(ports, caller),
    },
  ];
}
