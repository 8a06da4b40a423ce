import type { FeatureHost } from "../host/feature.ts";
import type { Member } from "../host/member.ts";
import type { Say } from "../host/words.ts";
import type { ChannelsApi } from "./api.ts";
import type { Links } from "./links.ts";
import type { Word } from "./words.ts";

export type { Word } from "./words.ts";
export type ChannelsSay = Say<Word>;

/** Shared services of the parts of linked channels while the feature is on. */
export interface ChannelsRoom extends FeatureHost {
  readonly api: ChannelsApi;
  readonly links: Links;
  readonly member: () => Member;
}
