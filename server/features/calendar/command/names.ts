/** The subcommands of `/mscalendar`. Light: their implementation is loaded on first use. */

import type { Caller, Subcommand, Word } from "../../../platform/commands/index.ts";
import type { Language } from "../../../platform/i18n/index.ts";
import { commandHelp, type HelpKey } from "./help-words.ts";

export const CALENDAR_TRIGGER = "mscalendar";

export const dayCommands = [
  ...["info", "connect", "disconnect", "today", "tomorrow", "viewcal", "summary", "settings", "why"],
  ...["showcals", "avail", "subscribe", "unsubscribe", "free"],
] as const;
export type DayCommand =
  | "info"
  | "connect"
  | "disconnect"
  | "today"
  | "tomorrow"
  | "viewcal"
  | "summary"
  | "settings"
  | "why"
  | "showcals"
  | "avail"
  | "subscribe"
  | "unsubscribe"
  | "free";

const forAdmins: ReadonlySet<DayCommand> = new Set(["showcals", "avail", "subscribe", "unsubscribe", "free"]);
const hints: Partial<Record<DayCommand, string>> = {
  summary: "[view | today | tomorrow | settings | time | enable | disable]",
  avail: "[all]",
  subscribe: "[list]",
  free: "[@user]",
};

export interface CommandPorts {
  readonly isOn: () => boolean;
  /** Returns true for people named in *Admin User IDs*, who may use the admin commands here. */
  readonly isNamedAdmin: (userId: string) => boolean;
  readonly run: (name: DayCommand, words: readonly string[], caller: Caller) => Promise<string>;
}

export function calendarCommands({ isNamedAdmin, isOn, run }: CommandPorts): Subcommand[] {
  const help = (key: HelpKey) => (language?: Language) => commandHelp.in(language)(key);
  const word = (name: HelpKey & `summary_${string}`, hint?: string): Word => ({
    word: name.slice("summary_".length),
    help: help(name),
    ...(hint ? { hint } : {}),
  });
  const words: Partial<Record<DayCommand, readonly Word[]>> = {
    summary: [
      ...[word("summary_view"), word("summary_today"), word("summary_tomorrow"), word("summary_settings")],
      ...[word("summary_time", "8:00AM"), word("summary_enable"), word("summary_disable")],
    ],
  };
  return (dayCommands as readonly DayCommand[]).map((name) => {
    const [hint, more] = [hints[name], words[name]];
    return {
      name,
      trigger: CALENDAR_TRIGGER,
      help: help(name),
      isOffered: isOn,
      ...(forAdmins.has(name) ? { role: "system_admin" as const, alsoFor: isNamedAdmin } : {}),
      ...(hint ? { hint } : {}),
      ...(more ? { words: more } : {}),
      run: (typed, caller) => run(name, typed, caller),
    };
  });
}
