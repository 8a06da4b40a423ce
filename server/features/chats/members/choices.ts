/** What a member decides about Teams chats: the fields of the panel's route and of the record, the words of the command. */

import {
  type ChoicesOf,
  onOff,
  preferences,
  type QuietHours,
  quietHours,
  someOf,
} from "../../../platform/preferences/index.ts";
import { defaultStates, type PresenceState, presenceStates } from "../recipients/presence-states.ts";

export const chatPreferences = preferences({
  on: onOff("on"),
  /** Presence in Teams at which a message comes to Mattermost. */
  states: someOf("states", presenceStates),
  meetings: onOff("meetings"),
  bots: onOff("bots"),
  quiet: quietHours("quiet"),
  notWhileActive: onOff("notWhileActive"),
  grouping: onOff("grouping"),
});

export type Chosen = ChoicesOf<(typeof chatPreferences)["all"]>;

export interface Choices {
  /** Null: never chose, so the admin's default holds, also when it changes later. */
  readonly on: boolean | null;
  readonly states: ReadonlySet<PresenceState>;
  readonly meetings: boolean;
  readonly bots: boolean;
  readonly quiet: QuietHours | null;
  readonly notWhileActive: boolean;
  readonly grouping: boolean;
}

/** With what holds for somebody who never chose. */
export const choicesOf = (chosen: Chosen): Choices => ({
  on: chosen.on,
  states: chosen.states ?? defaultStates,
  meetings: chosen.meetings ?? true,
  bots: chosen.bots ?? true,
  quiet: chosen.quiet === "off" ? null : chosen.quiet,
  notWhileActive: chosen.notWhileActive ?? false,
  grouping: chosen.grouping ?? false,
});

export const noChoices: Choices = choicesOf(chatPreferences.none);

/** As the route shows them. */
export interface ShownChoices {
  readonly on: boolean;
  readonly states: readonly PresenceState[];
  readonly meetings: boolean;
  readonly bots: boolean;
  /** `22:00-07:00`, or empty for none. */
  readonly quiet: string;
  readonly notWhileActive: boolean;
  readonly grouping: boolean;
}

export function shownChoices(chosen: Chosen, defaultOn: boolean): ShownChoices {
  const { on, quiet, ...choices } = choicesOf(chosen);
  const all: Chosen = { ...choices, on: on ?? defaultOn, quiet: quiet ?? "off" };
  return chatPreferences.toJson(all) as unknown as ShownChoices;
}
