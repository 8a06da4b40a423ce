/** Shared state and services of the calendar's parts while the feature is on. */

import type { FeatureHost } from "../host/feature.ts";
import type { Member } from "../host/member.ts";
import type { FeatureRegistry, HostStore } from "../host/registry.ts";
import type { Subject } from "../host/subject.ts";
import type { Say } from "../host/words.ts";
import type { CalendarApi } from "./api.ts";
import type { Calendar } from "./calendar.ts";
import type { DraftStart } from "./event-form/draft.ts";
import type { Word } from "./words.ts";

export type { Word } from "./words.ts";
export type CalendarSay = Say<Word>;

/** The reason for opening the form: none, a free slot, a channel, or a post. */
export interface FormStart {
  /** The free slot that the person pressed. */
  readonly wall?: string;
  readonly channelId?: string;
  readonly postId?: string;
}

export interface CalendarRoom {
  readonly api: CalendarApi;
  readonly calendar: Calendar;
  readonly registry: FeatureRegistry;
  readonly store: HostStore;
  readonly now: () => number;
  readonly member: () => Member;
  /** The open form; null while it is closed. */
  readonly form: Subject<FormStart | null>;
  readonly ConnectPrompt: FeatureHost["ConnectPrompt"];
}

export type FilledStart = Omit<DraftStart, "requestId">;
