/** Handles the buttons of a message that mute its chat, for an hour or permanently, and that undo it. */

import type { Press, PressReply } from "../../../platform/bot/cards.ts";
import { Once } from "../../../platform/work/once.ts";
import type { ChatsPorts } from "../ports.ts";
import type { People } from "../recipients/people.ts";
import { chatWords } from "../words.ts";
import type { PersonRecords } from "./person-records.ts";

/** Keys that remember the last press of a button. */
export const PRESSES_PREFIX = "chats.press.";
const HOUR_MS = 3_600_000;
/** A second press of *Mute* within this time repeats the first one; a later press unmutes the chat. */
const DOUBLE_MS = 2_000;
type Said = "muted" | "muted_hour" | "unmuted";

export function mutes(
  ports: Pick<ChatsPorts, "clock" | "cluster" | "kv"> & {
    readonly persons: PersonRecords;
    readonly people: People;
    readonly announce: (userId: string) => void;
  },
) {
  const { announce, clock, people, persons } = ports;
  const once = new Once({ ...ports, prefix: PRESSES_PREFIX });

  async function change(userId: string, chat: string, action: "mute" | "mute_hour"): Promise<Said> {
    let said: Said = "muted";
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
    return said;
  }

  return async ({ action, userId, value }: Press): Promise<PressReply> => {
    const chat = (value as { readonly chat?: unknown } | null)?.chat;
    if (typeof chat !== "string" || (action !== "mute" && action !== "mute_hour")) return {};
    const said = await once.run(`${userId} ${chat}`, action, async (turn) => {
      const [before, at] = ((await turn.noted()) ?? "").split(" ");
      if (before && Math.abs(clock.now() - Number(at)) < DOUBLE_MS) return before as Said;
      const now = await change(userId, chat, action);
      await turn.note(`${now} ${clock.now()}`).catch(() => {});
      return now;
    });
    const language = (await people.accounts([userId])).get(userId)?.language;
    return { ephemeral: chatWords.in(language)(said) };
  };
}
