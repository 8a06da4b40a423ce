/** Wishes of a feature for changes, and the changes that it receives. */

import type { Outcome } from "../../platform/work/queue.ts";
import type { Credential } from "../graph/index.ts";
import type { ChangeType } from "./incoming/entries.ts";
import type { Resource } from "./incoming/resource.ts";

export interface SubscriptionWish {
  /** Unique within the feature and stable: names the state that outlives a single subscription. */
  readonly key: string;
  /** Such as `/chats/getAllMessages`; with contents of events also `$select` (docs/facts/microsoft-calendar.md 4). */
  readonly resource: string;
  readonly changeTypes: readonly ChangeType[];
  /** Contents in full, encrypted: no read per change. */
  readonly includeResourceData: boolean;
  /** Whose rights the subscription uses. Default: the app's own. */
  readonly credential?: Credential;
  /** Application permissions of which one is enough. Tells a 403 for want of consent from one for want of quota. */
  readonly permissions?: readonly string[];
}

export interface Change {
  /** Of the wish. */
  readonly key: string;
  readonly resource: Resource;
  readonly changeType: ChangeType;
  /** Of the resource after the change, where Graph says it. Changes may arrive late and out of order: compare it. */
  readonly etag: string | null;
  /**
   * The resource in full, as Graph sent it: shape unchecked. null without `includeResourceData`, and when the
   * content is for a key that this server no longer has: then read the resource.
   */
  readonly content: Readonly<Record<string, unknown>> | null;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** Changes between the two moments may have been missed. Milliseconds since 1970. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

export interface GapWork {
  readonly signal: AbortSignal;
  /** Waits for a turn of the shared budget; call it before each request. False when the signal came first. */
  turn(): Promise<boolean>;
}

/** The one object by which a feature takes part. */
export interface ChangeListener {
  /** Short and unique: part of stored keys. */
  readonly name: string;
  /** False: nothing is wished, and what exists is removed. */
  enabled(): boolean;
  wishes(): Promise<readonly SubscriptionWish[]>;
  /** Runs once for each change, and again after a crash in the middle: make it idempotent. */
  changed(change: Change, signal: AbortSignal): Promise<Outcome>;
  /** Reads what changed within the gap; throws what the Graph client throws. Idempotent, too. */
  fillGap(wish: SubscriptionWish, gap: Gap, work: GapWork): Promise<void>;
  /** Requests that one call of `fillGap` takes as a rule: decides how often polling can come round. Default 1. */
  readonly requestsPerFill?: number;
}

export const wishId = (listener: Pick<ChangeListener, "name">, key: string) => `${listener.name}/${key}`;
