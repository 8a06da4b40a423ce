/** The work in the queue of linked channels: ids, never text. */

import type { KeyState, Place, QueueEntry } from "../../platform/work/queue.ts";
import type { Post } from "../../runtime/mattermost/index.ts";
import { postDigest } from "./pairs/pair-store.ts";

export interface Deletion {
  readonly do: "delete";
  readonly link: string;
  readonly post: string;
  readonly user: string;
  /** For a root: when it was deleted. The server deletes its replies with it, and calls no hook for them. */
  readonly thread?: number;
}

export type Work =
  /** Copy the current state of the post to Teams: send it, or edit what was sent. */
  | { readonly do: "post"; readonly link: string; readonly post: string }
  | Deletion
  /** Copy the current state of the person's reaction on the post to Teams. */
  | {
      readonly do: "react";
      readonly link: string;
      readonly post: string;
      readonly user: string;
      readonly emoji: string;
    }
  /** Reactions of the post changed without a hook: find those and copy them to Teams. */
  | { readonly do: "reactions"; readonly link: string; readonly post: string }
  /** Copy the current state of the message in Teams to the post. */
  | {
      readonly do: "receive";
      readonly link: string;
      readonly message: string;
      /** The root in Teams; null for a root. */
      readonly root: string | null;
      readonly deleted?: true;
      /** When it was deleted, in Graph's format. */
      readonly at?: string;
      /** Copied from before the link: at its own time, mentioning nobody. */
      readonly old?: true;
    };

const TEXTS = ["link", "post", "user", "emoji", "message", "at"] as const;

export function parseWork(value: unknown): Work {
  const work = value as Record<string, unknown> | null;
  if (!work || !["post", "delete", "react", "reactions", "receive"].includes(String(work.do)))
    throw new Error("not work on a link");
  for (const name of TEXTS)
    if (name in work && typeof work[name] !== "string") throw new Error("not work on a link");
  return value as Work;
}

/** The same id for the same state of a post, so that waiting work is not added again. */
export const postWorkId = (post: Post): string => `post-${post.Id}-${postDigest(post)}`;

/** Each direction waits separately: an outage or a burst on one side does not delay the other. */
export const laneOf = (work: Work): string => `${work.do === "receive" ? "in" : "out"} ${work.link}`;

/** Messages from Teams are copied in the order in which they were written: their ids are milliseconds since 1970. */
export function placeOf({ at, value }: Pick<QueueEntry<Work>, "at" | "value">): Place {
  if (value.do !== "receive") return { of: "", rank: 0 };
  const { deleted, message } = value;
  // A deletion of a root must not overtake the replies that were written before it.
  const rank = deleted
    ? Date.parse(value.at ?? "")
    : /^\d{1,16}(?:\.\d+)?$/.test(message)
      ? Number(message)
      : at;
  return { of: message, rank: rank || at };
}

/** After waiting this long, a change is reported to admins as late. */
export const LATE_MS = 15 * 60_000;

export interface LinkWaiting {
  readonly toTeams: KeyState;
  readonly toMattermost: KeyState;
}

const NOTHING: KeyState = { waiting: 0, parked: 0, oldestAt: null };

export function waitingByLink(lanes: ReadonlyMap<string, KeyState>): ReadonlyMap<string, LinkWaiting> {
  const found = new Map<string, LinkWaiting>();
  for (const [lane, state] of lanes) {
    const [way, link = ""] = lane.split(" ");
    const before = found.get(link) ?? { toTeams: NOTHING, toMattermost: NOTHING };
    found.set(link, { ...before, [way === "in" ? "toMattermost" : "toTeams"]: state });
  }
  return found;
}
