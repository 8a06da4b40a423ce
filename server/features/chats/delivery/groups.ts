/**
 * Combines quick messages of a chat in one growing post, if the member wants that: one push, not five.
 *
 *   props.teams_group  ─▶  { head, parts: [ { id, by, text } … ] }      the post's text is made of it
 */

import type { Post } from "../../../runtime/mattermost/index.ts";
import { sentence } from "./wording.ts";

export interface Part {
  /** Id of the message in Teams. */
  readonly id: string;
  /** Name of the author. */
  readonly by: string;
  /** Markdown. */
  readonly text: string;
}

export interface Group {
  readonly head: string;
  readonly parts: readonly Part[];
}

export const GROUP_PROP = "teams_group";
/** A message that follows the previous one within this time is added to its post. */
export const GROUP_MS = 2 * 60_000;
const MAX_PARTS = 30;
const MAX_RUNES = 16_000;
const MAX_OPEN = 10_000;

export function groupIn(props: Readonly<Record<string, unknown>>): Group | null {
  const group = props[GROUP_PROP] as Partial<Group> | undefined;
  return typeof group?.head === "string" && Array.isArray(group.parts) ? (group as Group) : null;
}

/** Returns null when there is no room for another part. */
export function withPart(group: Group, part: Part): Group | null {
  const next = { ...group, parts: [...group.parts, part] };
  return next.parts.length <= MAX_PARTS && [...textOf(next)].length <= MAX_RUNES ? next : null;
}

/** Returns null when nothing is left. */
export function withoutPart(group: Group, id: string): Group | null {
  const parts = group.parts.filter((part) => part.id !== id);
  return parts.length === 0 ? null : { ...group, parts };
}

export const withText = (group: Group, id: string, text: string): Group => ({
  ...group,
  parts: group.parts.map((part) => (part.id === id ? { ...part, text } : part)),
});

/** The head names the author of the first part; a later part of somebody else starts with their name. */
export function textOf({ head, parts }: Group): string {
  const texts = parts.map(({ by, text }, at) => {
    const before = parts[at - 1];
    if (!before || before.by === by) return text;
    return `${sentence("{name}", { name: { text: by, marks: ["bold"] } })}\n${text}`;
  });
  return [head, ...texts].filter((text) => text !== "").join("\n\n");
}

export const grown = (post: Post, group: Group): Post => ({
  ...post,
  Message: textOf(group),
  Props: { ...post.Props, [GROUP_PROP]: group },
});

/** The posts that may still grow. In memory: after a restart the next message starts a new post. */
export class OpenGroups {
  readonly #open = new Map<string, { readonly postId: string; readonly at: number }>();

  find(userId: string, chatId: string, now: number): string | null {
    const one = this.#open.get(`${userId} ${chatId}`);
    return one && now - one.at < GROUP_MS ? one.postId : null;
  }

  keep(userId: string, chatId: string, postId: string, now: number): void {
    if (this.#open.size >= MAX_OPEN) this.#open.clear();
    this.#open.set(`${userId} ${chatId}`, { postId, at: now });
  }
}
