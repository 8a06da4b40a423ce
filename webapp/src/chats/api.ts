/** A member's choices about Teams chats (server/features/chats/choices.ts). */

import { Refusal, send } from "../console/api.ts";

/** Common ones first; the last ones are seldom seen. */
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
] as const;
export type PresenceState = (typeof presenceStates)[number];

export interface ChatSettings {
  readonly on: boolean;
  readonly states: readonly PresenceState[];
  readonly meetings: boolean;
  readonly bots: boolean;
  /** `22:00-07:00`; empty: none. */
  readonly quiet: string;
  readonly notWhileActive: boolean;
  readonly grouping: boolean;
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
      // Switched off a moment ago.
      if (answer.available === false) throw new Refusal({ code: "not_found" }, 404);
      return answer;
    },
    change: async (part) => (await request("PUT", path, JSON.stringify(part))).json(),
  };
}
