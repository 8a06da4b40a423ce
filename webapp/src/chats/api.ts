/** A member's choices about Teams chats (server/features/chats/members/choices.ts). */

import type { ShownChoices } from "../../../server/features/chats/members/choices.ts";
import type { PresenceState } from "../../../server/features/chats/recipients/presence-states.ts";
import { Refusal, send } from "../console/api.ts";

/** Common states first; the last ones are rare. */
export const presenceStates = [
  "Offline",
  "OffWork",
  "Away",
  "BeRightBack",
  "Inactive",
  "AvailableIdle",
  "BusyIdle",
  "Available",
  "Busy",
  "InACall",
  "InAMeeting",
  "InAConferenceCall",
  "Presenting",
  "DoNotDisturb",
  "UrgentInterruptionsOnly",
  "OutOfOffice",
  "PresenceUnknown",
] as const satisfies readonly PresenceState[];
/** Proves to the compiler that all states are offered. */
true satisfies Exclude<PresenceState, (typeof presenceStates)[number]> extends never ? true : false;

export interface ChatSettings extends ShownChoices {
  readonly connected: boolean;
}

export type ChatChange = Partial<Omit<ChatSettings, "connected">>;

export interface ChatsApi {
  settings(): Promise<ChatSettings>;
  change(part: ChatChange): Promise<ChatSettings>;
}

export function createChatsApi(request: typeof send = send): ChatsApi {
  const path = "/api/v1/chats/settings";
  return {
    async settings() {
      const answer: ChatSettings & { readonly available?: boolean } = await (
        await request("GET", path)
      ).json();
      // The feature was switched off a moment ago.
      if (answer.available === false) throw new Refusal({ code: "not_found" }, 404);
      return answer;
    },
    change: async (part) => (await request("PUT", path, JSON.stringify(part))).json(),
  };
}
