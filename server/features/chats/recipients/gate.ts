/** Decides which members of a chat receive a message in Mattermost. Pure: all facts are passed in. */

import type { Config } from "../../../microsoft/config/index.ts";
import { isWithin, minuteOfDay } from "../../../platform/preferences/index.ts";
import { chatsSettings } from "../../../platform/settings/sections/chats.ts";
import type { ChatKind } from "../chat-ids.ts";
import { type Choices, choicesOf } from "../members/choices.ts";
import type { PersonRecord } from "../members/person-records.ts";
import type { Chat } from "./chat-directory.ts";
import type { Account } from "./people.ts";
import type { PresenceState } from "./presence-states.ts";

/** Codes of the earlier plugin's metric where it has one (features N76). */
export type Discarded =
  | "user_disabled_notifications"
  | "user_active_in_teams"
  | "user_active_in_mattermost"
  | "chat_muted"
  | "meeting_chats_off"
  | "bots_off"
  | "quiet_hours"
  | "account_inactive";

export interface RecipientFacts {
  readonly choices: Choices;
  readonly defaultOn: boolean;
  readonly kind: ChatKind;
  readonly fromApp: boolean;
  /** Whether the Mattermost account is active. */
  readonly isActive: boolean;
  /** The end of the person's mute of this chat; 0: permanent, null: not muted. */
  readonly mutedUntil: number | null;
  readonly now: number;
  /** Minutes since midnight in the person's time zone. */
  readonly minuteOfDay: number;
}

export function recipientFacts(
  who: {
    readonly account: Account | undefined;
    readonly person: PersonRecord;
    readonly config: Config;
    readonly now: number;
  },
  what: { readonly chat: Pick<Chat, "id" | "kind">; readonly fromApp: boolean },
): RecipientFacts {
  const { account, config, now, person } = who;
  const { chat, fromApp } = what;
  return {
    choices: choicesOf(person.chosen),
    defaultOn: config.section(chatsSettings).chats_default_on,
    kind: chat.kind,
    fromApp,
    isActive: account?.isActive === true,
    mutedUntil: person.muted[chat.id] ?? null,
    now,
    minuteOfDay: minuteOfDay(now, account?.zone ?? ""),
  };
}

/** Returns the reason for a refusal that needs no presence; null when presence decides. */
export function refusedAtOnce(facts: RecipientFacts): Discarded | null {
  const { choices, defaultOn, fromApp, isActive, kind, minuteOfDay, mutedUntil, now } = facts;
  if (!isActive) return "account_inactive";
  if (!(choices.on ?? defaultOn)) return "user_disabled_notifications";
  if (mutedUntil !== null && (mutedUntil === 0 || mutedUntil > now)) return "chat_muted";
  if (kind === "meeting" && !choices.meetings) return "meeting_chats_off";
  if (fromApp && !choices.bots) return "bots_off";
  if (choices.quiet && isWithin(choices.quiet, minuteOfDay)) return "quiet_hours";
  return null;
}

export function refusedByPresence(
  choices: Choices,
  inTeams: PresenceState,
  onlineInMattermost: boolean,
): Discarded | null {
  if (!choices.states.has(inTeams)) return "user_active_in_teams";
  return choices.notWhileActive && onlineInMattermost ? "user_active_in_mattermost" : null;
}
