/** The initial values of the form. For a post: its text, a link to it, and the people of its thread. */

import { hostGet } from "../../console/api.ts";
import { fullName } from "../../host/member.ts";
import type { HostPost, HostState, HostUser } from "../../host/registry.ts";
import { wallNow } from "../dates.ts";
import type { CalendarRoom, FilledStart, FormStart } from "../room.ts";
import type { Guest } from "./draft.ts";

export interface FormChannel {
  readonly id: string;
  readonly name: string;
  /** False for direct and group messages. */
  readonly mayLink: boolean;
}

export interface Prepared {
  readonly start: FilledStart;
  readonly channel: FormChannel | null;
  readonly rootId: string | null;
  readonly suggested: () => Promise<readonly Guest[]>;
}

const LONGEST_SUBJECT = 100;
const MOST_SUGGESTED = 12;

export function prepare(room: CalendarRoom, { channelId, postId, wall }: FormStart): Prepared {
  const state = room.store.getState();
  const { zone } = room.calendar.state.current();
  const post = postId === undefined ? undefined : state.entities?.posts?.posts?.[postId];
  const rootId = post ? post.root_id || post.id : null;
  return {
    start: {
      wall: wall ?? wallNow(room.now(), zone),
      zone,
      ...(post ? { subject: subjectOf(post), description: permalink(state, post.id) } : {}),
      channelId: null,
    },
    channel: channelOf(state, post?.channel_id ?? channelId),
    rootId,
    suggested: async () => (rootId === null ? [] : peopleOf(rootId, state)),
  };
}

function channelOf(state: HostState, id: string | undefined): FormChannel | null {
  const channel = id === undefined ? undefined : state.entities?.channels?.channels?.[id];
  if (!channel) return null;
  const mayLink = channel.type === "O" || channel.type === "P";
  return { id: channel.id, name: channel.display_name ?? "", mayLink };
}

/** The first line of the post, without marks for bold or headings. */
function subjectOf({ message = "" }: HostPost): string {
  const line = message.split("\n").find((one) => one.trim() !== "") ?? "";
  const text = line.replace(/[*_~`#>]+/g, "").trim();
  const characters = [...text];
  return characters.length > LONGEST_SUBJECT ? `${characters.slice(0, LONGEST_SUBJECT).join("")}…` : text;
}

function permalink({ entities }: HostState, postId: string): string {
  const base = (window as { basename?: string }).basename ?? "";
  const site = entities?.general?.config?.SiteURL || `${location.origin}${base}`;
  const team = entities?.teams?.teams?.[entities.teams.currentTeamId ?? ""]?.name ?? "_redirect";
  return `${site}/${team}/pl/${postId}`;
}

/** The people who wrote in the thread, without oneself and bots. */
async function peopleOf(rootId: string, { entities }: HostState): Promise<readonly Guest[]> {
  const thread = await hostGet<{ posts?: Record<string, HostPost> }>(`/api/v4/posts/${rootId}/thread`);
  const me = entities?.users?.currentUserId;
  const ids = [...new Set(Object.values(thread.posts ?? {}).map(({ user_id }) => user_id ?? ""))]
    .filter((id) => id !== "" && id !== me)
    .slice(0, MOST_SUGGESTED);
  const users = await Promise.all(
    ids.map(
      (id) => entities?.users?.profiles?.[id] ?? hostGet<HostUser>(`/api/v4/users/${id}`).catch(() => null),
    ),
  );
  return users.flatMap((user, at) => {
    const value = ids[at];
    return user && value && !user.is_bot ? [{ value, name: fullName(user), connected: true }] : [];
  });
}
