/** What was said in Teams before the link, with threads, as far back as the person who linked asked for. */

import type { ChannelLink } from "./link-store.ts";
import { digest } from "./pair-store.ts";
import type { Room } from "./room.ts";
import { channelPath, type ReceivedMessage } from "./teams-api.ts";
import type { Work } from "./work.ts";

const MAX_ROOTS = 1_000;
const MAX_MESSAGES = 5_000;

/** Durable work when it resolves; a process that dies in the middle leaves it to the next one. */
export async function copyBefore(
  room: Room,
  link: ChannelLink,
  since: number,
  signal: AbortSignal,
): Promise<void> {
  const wanted: ReceivedMessage[] = [];
  const isWanted = ({ createdDateTime, deletedDateTime, eventDetail }: ReceivedMessage) => {
    const at = Date.parse(createdDateTime ?? "");
    return at >= since && at < link.createdAt && !deletedDateTime && !eventDetail;
  };
  let roots = 0;
  for await (const root of room.teams.items(`${channelPath(link)}/messages?$top=50&$expand=replies`)) {
    roots += 1;
    if (signal.aborted) return;
    if (roots > MAX_ROOTS || wanted.length > MAX_MESSAGES) break;
    const replies = (root as { replies?: readonly ReceivedMessage[] }).replies ?? [];
    wanted.push(...[root, ...replies].filter(isWanted));
  }
  wanted.sort((one, other) => one.id.localeCompare(other.id, "en", { numeric: true }));
  for (const { id, replyToId } of wanted) {
    const work: Work = { do: "receive", link: link.id, message: id, root: replyToId ?? null, old: true };
    await room.add(work, digest("before", link.id, id));
  }
  await room.links.update(link.id, (one) => ({ ...one, copySince: null }));
}
