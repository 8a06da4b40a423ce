/** Posts notices for everybody in a linked channel, once for each event: only the node that stored the event posts. */

import type { Room } from "../room.ts";
import { plain } from "../to-teams/failures.ts";
import type { ChannelWord } from "../words.ts";
import type { ChannelLink, Notice } from "./link-store.ts";

export async function tellChannel(
  room: Room,
  link: ChannelLink,
  word: ChannelWord,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const say = await room.say();
  const text = say(word, { channel: plain(link.teamsChannelName), team: plain(link.teamName), ...more });
  await room.ports.bot.post(link.channelId, { text }).catch((error: unknown) =>
    room.ports.log.warn("A notice could not be posted in a linked channel", {
      link: link.id,
      error,
    }),
  );
}

const ENDED: Readonly<Record<Notice, ChannelWord>> = { switched_off: "resumed", bot_missing: "bot_present" };

export const without = (link: ChannelLink, what: Notice): ChannelLink => ({
  ...link,
  notices: (link.notices ?? []).filter((other) => other !== what),
});

/** Posts that a state has begun or ended; posts nothing when the channel has read that already. */
export async function notice(room: Room, link: ChannelLink, what: Notice, holds: boolean): Promise<void> {
  const known = (one: ChannelLink) => one.notices?.includes(what) === true;
  if (known(link) === holds) return;
  const isMine = await room.links.update(link.id, (one) => {
    if (known(one) === holds) return one;
    return holds ? { ...one, notices: [...(one.notices ?? []), what] } : without(one, what);
  });
  if (isMine) await tellChannel(room, link, holds ? what : ENDED[what]);
}

/** Called before the work stops, because an admin has switched linked channels off. */
export async function tellSwitchedOff(room: Room): Promise<void> {
  // A paused channel has already read why nothing is copied.
  for (const link of await room.links.all())
    if (link.paused === null || link.paused === "permission_missing")
      await notice(room, link, "switched_off", true);
}
