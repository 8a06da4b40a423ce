/** Handles the buttons of a message that mute its chat, for an hour or permanently, and that undo it. */

import type { Press, PressReply } from "../../../platform/bot/cards.ts";
import type { ChatsPorts } from "../ports.ts";
import type { People } from "../recipients/people.ts";
import { chatWords } from "../words.ts";
import type { PersonRecords } from "./person-records.ts";

const HOUR_MS = 3_600_000;

export function mutes(
  ports: Pick<ChatsPorts, "clock"> & {
    readonly persons: PersonRecords;
    readonly people: People;
    readonly announce: (userId: string) => void;
  },
) {
  const { announce, clock, people, persons } = ports;
  return async ({ action, userId, value }: Press): Promise<PressReply> => {
    const chat = (value as { readonly chat?: unknown } | null)?.chat;
    if (typeof chat !== "string" || (action !== "mute" && action !== "mute_hour")) return {};
    let said: "muted" | "muted_hour" | "unmuted" = "muted";
    await persons.change(userId, (record) => {
      const { [chat]: before, ...others } = record.muted;
      if (action === "mute" && before === 0) {
        said = "unmuted";
        return { ...record, muted: others };
      }
      said = action === "mute" ? "muted" : "muted_hour";
      const until = action === "mute" ? 0 : clock.now() + HOUR_MS;
      return { ...record, muted: { ...others, [chat]: until } };
    });
    announce(userId);
    const language = (await people.accounts([userId])).get(userId)?.language;
    return { ephemeral: chatWords.in(language)(said) };
  };
}
