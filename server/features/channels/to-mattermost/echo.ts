/**
 * Decides about messages in Teams that have no pair: echoes of what we are sending, and messages that are not copied.
 */

import { channelsSettings } from "../../../platform/settings/sections/channels.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { isOurs } from "../pairs/message-digest.ts";
import { ofPost } from "../pairs/pair-store.ts";
import type { Room } from "../room.ts";
import type { ReceivedMessage } from "../teams-api.ts";

const drop = (because: string): Outcome => ({ kind: "drop", because });
const soon = (because: string): Outcome => ({ kind: "retry", because, counts: false, afterMs: 1_000 });
/** A message of ours whose pair is not known by then belongs to another installation. */
const OWN_MS = 2 * 60_000;
/** How long after its start a call may still create a message. */
const CALL_MS = 3 * 60_000;
/** A message that nobody has claimed by then is treated as new: twice is better than never. */
const LONGEST_MS = 10 * 60_000;
/** Difference between clocks. */
const SKEW_MS = 5_000;

/**
 * Returns why a message without a pair is not copied now: it is ours and its pair is on the way, or its author is not
 * copied. null: it is copied.
 */
export async function reasonToWait(
  room: Room,
  link: ChannelLink,
  message: ReceivedMessage,
): Promise<Outcome | null> {
  const { clock, config } = room.ports;
  const writer = message.from?.user;
  const created = Date.parse(message.createdDateTime ?? "");
  const age = clock.now() - created;
  // The call that created it has not been recorded yet; somebody may even have edited it meanwhile, so that our mark
  // is gone.
  const underWay = await isUnderWay(room, link, writer?.id ?? "", created);
  if (isOurs(message)) {
    const news = message.lastModifiedDateTime !== message.createdDateTime && age < OWN_MS;
    return underWay || news ? soon("own_message") : drop("generated_from_mattermost");
  }
  if (writer?.id && (await room.people.isBotAccount(writer.id))) return drop("is_bot_user");
  if (underWay) return soon("own_message");
  if (
    writer &&
    !config.current.section(channelsSettings).channels_sync_guests &&
    (await room.people.isGuest(writer as never))
  )
    return drop("guest");
  return null;
}

async function isUnderWay(room: Room, link: ChannelLink, writer: string, created: number): Promise<boolean> {
  const { sending } = await room.progress.read(link.id);
  if (!sending || writer.toLowerCase() !== sending.sender.toLowerCase() || created < sending.at - SKEW_MS)
    return false;
  if (created > sending.at + CALL_MS || room.ports.clock.now() - created > LONGEST_MS) return false;
  const pair = (await room.pairs.find(ofPost(sending.post)))?.pair;
  const isOpen = pair?.state === "sending" || pair?.state === "done";
  return isOpen && pair.parts.length <= sending.index;
}
