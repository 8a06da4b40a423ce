/**
 * A member's choices about Teams chats: the fields of the panel's route and of the record, and the words of the
 * command.
 */

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
  /** States of presence in Teams at which a message is posted to Mattermost. */
  states: someOf("states", presenceStates),
  meetings: onOff("meetings"),
  bots: onOff("bots"),
  quiet: quietHours("quiet"),
  notWhileActive: onOff("notWhileActive"),
  grouping: onOff("grouping"),
});

export type Chosen = ChoicesOf<(typeof chatPreferences)["all"]>;

export interface Choices {
  /** Null: not chosen, so the admin's default applies, even when it changes later. */
  readonly on: boolean | null;
  readonly states: ReadonlySet<PresenceState>;
  readonly meetings: boolean;
  readonly bots: boolean;
  readonly quiet: QuietHours | null;
  readonly notWhileActive: boolean;
  readonly grouping: boolean;
}

/** Fills in the defaults for somebody who has not chosen. */
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

/** The choices as the route returns them. */
export interface ShownChoices {
  readonly on: boolean;
  readonly states: readonly PresenceState[];
  readonly meetings: boolean;
  readonly bots: boolean;
  /** `22:00-07:00`, or "" for none. */
  readonly quiet: string;
  readonly notWhileActive: boolean;
  readonly grouping: boolean;
}

export function shownChoices(chosen: Chosen, defaultOn: boolean): ShownChoices {
  const { on, quiet, ...choices } = choicesOf(chosen);
  const all: Chosen = { ...choices, on: on ?? defaultOn, quiet: quiet ?? "off" };
  return chatPreferences.toJson(all) as unknown as ShownChoices;
}
