/** A feature's wishes for changes, and the changes that it receives. */

import type { Outcome } from "../../platform/work/queue.ts";
import type { Credential } from "../graph/index.ts";
import type { ChangeType } from "./incoming/entries.ts";
import type { Resource } from "./incoming/resource.ts";

export interface SubscriptionWish {
  /** Unique within the feature and stable: it names the state that outlives a single subscription. */
  readonly key: string;
  /**
   * For example `/chats/getAllMessages`; events with resource data also need `$select`
   * (docs/facts/microsoft-calendar.md 4).
   */
  readonly resource: string;
  readonly changeTypes: readonly ChangeType[];
  /** Whether notifications contain the encrypted resource, which saves a read per change. */
  readonly includeResourceData: boolean;
  /** Whose permissions the subscription uses. Default: the app's own. */
  readonly credential?: Credential;
  /**
   * Application permissions of which one is enough. Used to tell a 403 for missing consent from one for an exceeded
   * quota.
   */
  readonly permissions?: readonly string[];
}

export interface Change {
  /** The key of the wish. */
  readonly key: string;
  readonly resource: Resource;
  readonly changeType: ChangeType;
  /** The etag of the changed resource, if Graph states it. Changes may arrive late and out of order: compare it. */
  readonly etag: string | null;
  /**
   * The whole resource as Graph sent it, unvalidated. null without `includeResourceData`, and when the server no
   * longer has the key that decrypts it: read the resource then.
   */
  readonly content: Readonly<Record<string, unknown>> | null;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** Changes between these two moments may have been missed. Milliseconds since 1970. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

export interface GapWork {
  readonly signal: AbortSignal;
  /**
   * Waits for a turn of the shared rate limit; call it before each request. Resolves with false when the signal was
   * aborted first.
   */
  turn(): Promise<boolean>;
}

/** The object with which a feature listens for changes. */
export interface ChangeListener {
  /** Short and unique, because it is part of stored keys. */
  readonly name: string;
  /** Returns false when the feature wishes for nothing; existing subscriptions are then removed. */
  enabled(): boolean;
  wishes(): Promise<readonly SubscriptionWish[]>;
  /** Called once for each change, and again after a crash in the middle: make it idempotent. */
  changed(change: Change, signal: AbortSignal): Promise<Outcome>;
  /**
   * Reads the changes within the gap. Throws what the Graph client throws. Must be idempotent, too. It may run at the
   * same time as `changed` of the same key, even on another node, so both must handle concurrent writes.
   */
  fillGap(wish: SubscriptionWish, gap: Gap, work: GapWork): Promise<void>;
  /** Typical number of requests of one `fillGap` call, which limits how often polling can run. Default 1. */
  readonly requestsPerFill?: number;
}

export const wishId = (listener: Pick<ChangeListener, "name">, key: string) => `${listener.name}/${key}`;
