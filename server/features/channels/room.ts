/** Shared state and services of the two copying directions. */

import type { Language, Say } from "../../platform/i18n/index.ts";
import type { FilePatience } from "./file-patience.ts";
import type { EndedLinks } from "./links/ended.ts";
import type { KnownMembers } from "./links/known-members.ts";
import type { ChannelLink, ChannelLinks } from "./links/link-store.ts";
import type { Progress } from "./links/progress.ts";
import type { PairIndex } from "./pairs/pair-index.ts";
import type { PairKey, PairStore } from "./pairs/pair-store.ts";
import type { People } from "./people.ts";
import type { ChannelsPorts } from "./ports.ts";
import type { ServerFacts } from "./server-facts.ts";
import type { TeamsApi } from "./teams-api.ts";
import type { ChannelWord } from "./words.ts";
import type { LinkWaiting, Work } from "./work.ts";

export type Direction = "to_teams" | "to_mattermost";

/** A change that is being copied through a link. */
export interface OnLink {
  readonly room: Room;
  readonly link: ChannelLink;
  readonly signal: AbortSignal;
}

export interface Room {
  readonly ports: ChannelsPorts;
  readonly links: ChannelLinks;
  readonly pairs: PairStore;
  readonly index: Pick<PairIndex, "read">;
  readonly people: People;
  readonly teams: TeamsApi;
  readonly progress: Progress;
  readonly members: KnownMembers;
  readonly filePatience: FilePatience;
  readonly ended: EndedLinks;
  /** Waits until nothing on this node works on the link. Returns false when another node may. */
  idle(link: string): Promise<boolean>;
  /** As of the last half minute. */
  server(): Promise<ServerFacts>;
  /** Of the server, for what everybody in the channel reads. */
  language(): Promise<Language>;
  /** In that language. */
  say(): Promise<Say<ChannelWord>>;
  /** Resolves when the request is durable. */
  add(work: Work, id?: string): Promise<void>;
  /** The waiting changes of each link, by its id; the same on every node. */
  waiting(): Promise<ReadonlyMap<string, LinkWaiting>>;
  /** Runs work while nothing else handles the same post or message, or its counterpart on the other side. */
  alone<T>(key: PairKey, work: () => Promise<T>): Promise<T>;
  copied(
    link: ChannelLink,
    direction: Direction,
    what: "message" | "edit" | "deletion" | "reaction" | "file",
  ): void;
  dropped(direction: Direction, because: string): void;
}
