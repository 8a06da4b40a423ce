/** What waits in the queue of linked channels: ids, never text. */

import type { KeyState } from "../../platform/work/queue.ts";
import type { Post } from "../../runtime/mattermost/index.ts";
import { postDigest } from "./pairs/pair-store.ts";

export interface Deletion {
  readonly do: "delete";
  readonly link: string;
  readonly post: string;
  readonly user: string;
  /** Of a root: when. The server deletes its replies with it, and calls no hook for them. */
  readonly thread?: number;
}

export type Work =
  /** Make Teams look as the post does now: sends it, or edits what was sent. */
  | { readonly do: "post"; readonly link: string; readonly post: string }
  | Deletion
  /** Make the person's reaction in Teams be as it is now on the post. */
  | {
      readonly do: "react";
      readonly link: string;
      readonly post: string;
      readonly user: string;
      readonly emoji: string;
    }
  /** Reactions of the post changed while no hook told of them: find those and take them to Teams. */
  | { readonly do: "reactions"; readonly link: string; readonly post: string }
  /** Make the post look as the message in Teams does now. */
  | {
      readonly do: "receive";
      readonly link: string;
      readonly message: string;
      /** In Teams; null for a root. */
      readonly root: string | null;
      readonly deleted?: true;
      /** When it was deleted, as Graph writes times. */
      readonly at?: string;
      /** Copied from before the link: at its own time, and nobody is pinged. */
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

/** The same for the same state of a post: what waits already is not added again. */
export const postWorkId = (post: Post): string => `post-${post.Id}-${postDigest(post)}`;

/** Both directions wait for themselves: an outage or a burst on one side does not hold up the other. */
export const laneOf = (work: Work): string => `${work.do === "receive" ? "in" : "out"} ${work.link}`;

/** So long a change may wait before admins read that it is late. */
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
