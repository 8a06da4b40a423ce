/** Turns Microsoft's notifications about linked channels, and missed messages, into durable work for the queue. */

import { GraphError } from "../../../microsoft/graph/index.ts";
import type {
  Change,
  ChangeListener,
  Gap,
  GapWork,
  Resource,
  SubscriptionWish,
} from "../../../microsoft/subscriptions/index.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { isLater } from "../pairs/message-digest.ts";
import { digest, ofMessage } from "../pairs/pair-store.ts";
import type { Room } from "../room.ts";
import { channelPath, type ReceivedMessage } from "../teams-api.ts";
import { hasGetAllMessages } from "../to-teams/cloud-limits.ts";
import type { Contents } from "./contents.ts";
import type { Receive } from "./receive.ts";

const done: Outcome = { kind: "done" };
/** Limit of the last resort: roots with their replies, newest first. */
const MAX_ROOTS = 200;

export interface ChangesPorts {
  readonly room: Room;
  readonly contents: Contents;
  /** Teams reports what happened to the channel itself. */
  readonly happened: (link: ChannelLink, message: ReceivedMessage) => Promise<void>;
}

export const wishOf = (link: ChannelLink): SubscriptionWish => ({
  key: link.id,
  resource: `/teams/${link.teamId}/channels/${link.teamsChannelId}/messages`,
  changeTypes: ["created", "updated", "deleted"],
  includeResourceData: true,
  permissions: ["ChannelMessage.Read.All"],
});

export const channelChanges = (
  ports: ChangesPorts,
): Pick<ChangeListener, "changed" | "fillGap" | "wishes"> => ({
  async wishes() {
    const links = await ports.room.links.all();
    return links.filter(({ paused }) => paused !== "teams_gone" && paused !== "tenant_changed").map(wishOf);
  },

  async changed({ key, resource, changeType, content, etag }: Change): Promise<Outcome> {
    const link = await ports.room.links.byId(key);
    if (!link || resource.kind !== "channel_message") return { kind: "drop", because: "unused_subscription" };
    const { messageId, replyId } = resource;
    const id = replyId ?? messageId;
    const message = content && content.id === id ? (content as unknown as ReceivedMessage) : null;
    const work: Receive = {
      ...{ do: "receive", link: link.id, message: id, root: replyId === null ? null : messageId },
      ...(changeType === "deleted" && deletion(message)),
    };
    await take(ports, work, message, etag);
    // A pause holds up the messages of a link, and one of them may report the end of the pause.
    if (message?.eventDetail && link.paused !== null)
      await ports
        .happened(link, message)
        .catch((error: unknown) =>
          ports.room.ports.log.info("A linked channel could not be looked at", { link: link.id, error }),
        );
    return done;
  },

  async fillGap(wish: SubscriptionWish, gap: Gap, work: GapWork): Promise<void> {
    const { room } = ports;
    const link = await room.links.byId(wish.key);
    if (!link) return;
    for (const message of await missedIn(room, link, gap, work)) {
      const root = message.replyToId ?? null;
      const receive: Receive = {
        ...{ do: "receive", link: link.id, message: message.id, root },
        ...(message.deletedDateTime && deletion(message)),
      };
      if (await isNews(room, receive, message)) await take(ports, receive, message, message.etag ?? null);
    }
  },
});

export const resourceOf = (
  { teamId, teamsChannelId }: ChannelLink,
  { message, root }: Receive,
): Resource => ({
  ...{ kind: "channel_message", teamId, channelId: teamsChannelId },
  ...(root === null ? { messageId: message, replyId: null } : { messageId: root, replyId: message }),
});

const deletion = (message: ReceivedMessage | null) => {
  const at = message?.lastModifiedDateTime ?? message?.deletedDateTime;
  return { deleted: true as const, ...(at ? { at } : {}) };
};

/** Oldest first: a reply after its root, an edit after its message. */
export async function missedIn(
  room: Room,
  link: ChannelLink,
  gap: Pick<Gap, "from">,
  work: GapWork,
): Promise<ReceivedMessage[]> {
  const missed: ReceivedMessage[] = [];
  for await (const message of changedIn(room, link, gap, work)) missed.push(message);
  return missed.sort((one, other) => timeOf(one) - timeOf(other) || one.id.localeCompare(other.id));
}

const timeOf = ({ createdDateTime }: ReceivedMessage) => Date.parse(createdDateTime ?? "") || 0;

async function isNews(room: Room, { link, message }: Receive, now: ReceivedMessage): Promise<boolean> {
  const pair = (await room.pairs.find(ofMessage(link, message)))?.pair;
  if (!pair) return true;
  if (now.deletedDateTime) return !pair.state.startsWith("deleted");
  return (
    pair.parts[0] !== message || isLater(now.lastModifiedDateTime, pair.modified) || pair.state === "sending"
  );
}

/** Durable when it resolves; the content waits in memory beside it. */
async function take(
  { room, contents }: ChangesPorts,
  work: Receive,
  message: ReceivedMessage | null,
  etag: string | null,
): Promise<void> {
  const state = message?.lastModifiedDateTime ?? message?.etag ?? etag;
  if (message) contents.put(work.link, message);
  const id = state === null ? undefined : digest(work.link, work.message, state, work.deleted ?? false);
  await room.add(work, id);
}

/**
 * Yields messages and replies that changed within the gap. If the cloud lacks a call, they are read in another way.
 */
async function* changedIn(
  room: Room,
  link: ChannelLink,
  gap: Pick<Gap, "from">,
  work: GapWork,
): AsyncIterable<ReceivedMessage> {
  const from = new Date(gap.from).toISOString();
  const ways = hasGetAllMessages(room.ports.config.current.cloud)
    ? [ofTeam, byDelta, byPages]
    : [byDelta, byPages];
  for (const way of ways) {
    if (!(await work.turn())) return;
    try {
      const found: ReceivedMessage[] = [];
      for await (const one of way(room, link, from, work)) found.push(one);
      yield* found;
      return;
    } catch (error) {
      const other = error instanceof GraphError && [400, 403, 404, 405, 501].includes(error.status);
      if (!other || way === ways.at(-1)) throw error;
    }
  }
}

async function* ofTeam(room: Room, link: ChannelLink, from: string): AsyncIterable<ReceivedMessage> {
  const filter = encodeURIComponent(`lastModifiedDateTime gt ${from}`);
  const path = `/teams/${encodeURIComponent(link.teamId)}/channels/getAllMessages?$top=50&$filter=${filter}`;
  for await (const one of room.teams.items(path))
    if (one.channelIdentity?.channelId === link.teamsChannelId) yield one;
}

/** Yields roots only: the replies of each are read separately. */
async function* byDelta(
  room: Room,
  link: ChannelLink,
  from: string,
  work: GapWork,
): AsyncIterable<ReceivedMessage> {
  const filter = encodeURIComponent(`lastModifiedDateTime gt ${from}`);
  const roots: ReceivedMessage[] = [];
  const path = `${channelPath(link)}/messages/delta?$top=50&$filter=${filter}`;
  for await (const root of room.teams.items(path)) roots.push(root);
  for (const root of roots) {
    yield root;
    if (!(await work.turn())) return;
    const replies = `${channelPath(link)}/messages/${encodeURIComponent(root.id)}/replies?$top=50`;
    for await (const reply of room.teams.items(replies)) if (isSince(reply, from)) yield reply;
  }
}

async function* byPages(room: Room, link: ChannelLink, from: string): AsyncIterable<ReceivedMessage> {
  const path = `${channelPath(link)}/messages?$top=50&$expand=replies`;
  let roots = 0;
  for await (const root of room.teams.items(path)) {
    roots += 1;
    if (roots > MAX_ROOTS) return;
    if (isSince(root, from)) yield root;
    const replies = (root as { replies?: readonly ReceivedMessage[] }).replies ?? [];
    for (const reply of replies) if (isSince(reply, from)) yield reply;
  }
}

const isSince = ({ lastModifiedDateTime }: ReceivedMessage, from: string) =>
  Date.parse(lastModifiedDateTime ?? "") > Date.parse(from);
