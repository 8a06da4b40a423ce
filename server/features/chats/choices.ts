/** What a member decides about Teams chats in Mattermost. */

import { defaultStates, isPresenceState, type PresenceState, presenceStates } from "./presence-states.ts";

export interface Choices {
  /** Null: never chose, so the admin's default holds, also when it changes later. */
  readonly on: boolean | null;
  readonly states: ReadonlySet<PresenceState>;
  readonly meetings: boolean;
  readonly bots: boolean;
  /** Minutes since midnight in the member's own time zone. */
  readonly quiet: { readonly from: number; readonly to: number } | null;
  readonly notWhileActive: boolean;
  readonly grouping: boolean;
}

export const noChoices: Choices = {
  on: null,
  states: defaultStates,
  meetings: true,
  bots: true,
  quiet: null,
  notWhileActive: false,
  grouping: false,
};

/** As the route and the record have them. */
export interface ChoicesJson {
  readonly on?: boolean;
  readonly states?: readonly PresenceState[];
  readonly meetings?: boolean;
  readonly bots?: boolean;
  /** `22:00-07:00`, or empty for none. */
  readonly quiet?: string;
  readonly notWhileActive?: boolean;
  readonly grouping?: boolean;
}

/** Only what differs from a member who never chose. */
export function choicesToStore(choices: Choices): ChoicesJson {
  const { bots, grouping, meetings, notWhileActive, on, quiet, states } = choices;
  const usual = states.size === defaultStates.size && [...states].every((one) => defaultStates.has(one));
  return {
    ...(on === null ? {} : { on }),
    ...(usual ? {} : { states: [...states] }),
    ...(meetings ? {} : { meetings }),
    ...(bots ? {} : { bots }),
    ...(quiet ? { quiet: printQuiet(quiet) } : {}),
    ...(notWhileActive ? { notWhileActive } : {}),
    ...(grouping ? { grouping } : {}),
  };
}

export function choicesToShow(choices: Choices, defaultOn: boolean): Required<ChoicesJson> {
  const { bots, grouping, meetings, notWhileActive, on, quiet, states } = choices;
  return {
    on: on ?? defaultOn,
    states: presenceStates.filter((one) => states.has(one)),
    quiet: quiet ? printQuiet(quiet) : "",
    ...{ meetings, bots, notWhileActive, grouping },
  };
}

const flags = ["on", "meetings", "bots", "notWhileActive", "grouping"] as const;
type Problem = "unknown" | "invalid";

/** Takes a part of the choices. Problems by the name of the field; nothing is changed when there is one. */
export function changedChoices(
  choices: Choices,
  change: Readonly<Record<string, unknown>>,
): { readonly choices: Choices; readonly problems: Readonly<Record<string, Problem>> } {
  const problems: Record<string, Problem> = {};
  const next: { -readonly [Name in keyof Choices]: Choices[Name] } = { ...choices };
  for (const [name, value] of Object.entries(change)) {
    const flag = flags.find((one) => one === name);
    if (flag) {
      if (typeof value === "boolean") next[flag] = value;
      else problems[name] = "invalid";
    } else if (name === "states") {
      if (Array.isArray(value) && value.every(isPresenceState)) next.states = new Set(value);
      else problems[name] = "invalid";
    } else if (name === "quiet") {
      const quiet = value === "" || value === null ? null : parseQuiet(value);
      if (quiet === undefined) problems[name] = "invalid";
      else next.quiet = quiet;
    } else problems[name] = "unknown";
  }
  return Object.keys(problems).length > 0 ? { choices, problems } : { choices: next, problems };
}

/** What was stored by another version and makes no sense here is left out. */
export function parseChoices(value: unknown): Choices {
  let choices = noChoices;
  if (typeof value !== "object" || value === null) return choices;
  for (const [name, one] of Object.entries(value)) choices = changedChoices(choices, { [name]: one }).choices;
  return choices;
}

/** Undefined: no span of two different times. */
export function parseQuiet(value: unknown): { from: number; to: number } | undefined {
  const text = typeof value === "string" ? value.replace(/\s/g, "") : "";
  const match = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (!match) return undefined;
  const [, fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.map(Number);
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  return from === to ? undefined : { from, to };
}

export function printQuiet(quiet: { readonly from: number; readonly to: number }): string {
  const time = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  return `${time(quiet.from)}-${time(quiet.to)}`;
}
