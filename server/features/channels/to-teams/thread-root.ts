/** Decides where a reply belongs in Teams. */

import { foundOrNull } from "../../../people/found-or-null.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { emptyPair, ofPost, type Pair } from "../pairs/pair-store.ts";
import { fullName } from "../people.ts";
import type { Room } from "../room.ts";
import { isCopyFromTeams, stringProp } from "./drafts.ts";

/** Characters of the root that a reply quotes when Teams has no copy of it. */
const QUOTED = 300;

export interface TeamsRoot {
  readonly id: string | null;
  /** Markdown before the text: quotes the root when Teams does not have it. */
  readonly quote: string;
  /** The root in Mattermost for which the new message starts the thread. */
  readonly standInFor: string | null;
}

export const ROOT: TeamsRoot = { id: null, quote: "", standInFor: null };

export async function rootInTeams(room: Room, link: ChannelLink, post: Post): Promise<TeamsRoot> {
  if (post.RootId === "") return ROOT;
  const pair = (await room.pairs.find(ofPost(post.RootId)))?.pair;
  const known = pair?.link === link.id ? placeInTeams(pair) : undefined;
  if (known !== undefined) return { id: known, quote: "", standInFor: null };
  // A root that its author deleted there is not quoted there.
  if (pair?.link === link.id && pair.state === "deleted_in_teams") return ROOT;
  const root = await foundOrNull(room.ports.api.getPost(post.RootId));
  if (!root || root.DeleteAt > 0) return ROOT;
  const copied = pair?.link === link.id ? null : copiedFrom(link, root);
  if (copied !== null) return { id: copied, quote: "", standInFor: null };
  const quote = await printQuote(room, root);
  return { id: null, quote, standInFor: isCopyFromTeams(root) ? null : root.Id };
}

/** The quote of a message that was sent with one. */
export async function quoteOf(room: Room, post: Post, pair: Pair): Promise<string> {
  if (!pair.quoted) return "";
  const root = await foundOrNull(room.ports.api.getPost(post.RootId));
  return root && root.DeleteAt === 0 ? printQuote(room, root) : "";
}

async function printQuote(room: Room, root: Post): Promise<string> {
  const author = await foundOrNull(room.ports.api.getUser(root.UserId));
  const name = stringProp(root, "override_username") ?? (author ? fullName(author) : "");
  const start = root.Message.slice(0, QUOTED).replace(/[\ud800-\udbff]$/, "");
  const text = root.Message.length > QUOTED ? `${start}…` : root.Message;
  const lines = [`**${name.replaceAll(/[*\\\n]/g, " ")}**`, ...text.split("\n")].map((one) => `> ${one}`);
  return lines.join("\n");
}

function placeInTeams({ from, holder, parts, rootId, state }: Pair): string | undefined {
  if (state === "failed") return holder;
  // A message from Teams exists there even while its post is being created here.
  const isThere = state === "done" || (from === "teams" && state === "sending");
  return isThere ? (rootId ?? parts[0]) : undefined;
}

/** Uses the props of a copy whose pair is not recorded yet, or belongs to an earlier link of the same channels. */
function copiedFrom(link: ChannelLink, root: Post): string | null {
  if (!isCopyFromTeams(root) || root.Props?.teams_channel_id !== link.teamsChannelId) return null;
  return stringProp(root, "teams_reply_to_id") ?? stringProp(root, "teams_message_id");
}

export async function holdThread(
  room: Room,
  link: ChannelLink,
  rootId: string,
  messageId: string,
): Promise<void> {
  const now = room.ports.clock.now();
  const key = ofPost(rootId);
  const pair = await room.pairs.begin(key, () => ({
    ...emptyPair(link.id, "mattermost", now),
    ...{ postId: rootId, parts: [messageId], state: "done", standIn: true },
  }));
  if (pair.state === "failed") await room.pairs.change(key, (one) => one && { ...one, holder: messageId });
}
