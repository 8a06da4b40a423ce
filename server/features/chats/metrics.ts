/** Counts what was delivered and what was not, for metrics and the console. */

import type { Metrics } from "../../platform/metrics/metrics.ts";
import type { Discarded } from "./recipients/gate.ts";

/** Uses the earlier plugin's spelling where it has the reason (features N76). */
export type Reason =
  | Discarded
  | "channel_notifications_unsupported"
  | "chat_size"
  | "deleted"
  | "duplicate"
  | "empty_message"
  | "internal_error"
  | "no_connected_user"
  | "no_user_event"
  | "notifications_only"
  | "own_message"
  | "unable_to_get_teams_data";

/** Totals of this node since its start. Times are in milliseconds since 1970. */
export interface ChatTotals {
  readonly delivered: number;
  readonly deliveredAt: number | null;
  /** Messages without recipients, or recipients who did not get one, by reason. */
  readonly discarded: Readonly<Partial<Record<Reason, number>>>;
  readonly answered: number;
  /** The last failure that no delivery has followed. */
  readonly failure: { readonly at: number; readonly code: FailureCode } | null;
}

/** Reasons that are not somebody's choice: an admin may have to act. */
export const failureCodes = [
  "internal_error",
  "microsoft_busy",
  "microsoft_unreachable",
  "post_failed",
  "unable_to_get_teams_data",
] as const;
export type FailureCode = (typeof failureCodes)[number];

export interface ChatMetrics {
  readonly totals: ChatTotals;
  failed(code: FailureCode): void;
  delivered(more: { readonly isGroup: boolean; readonly hasFiles: boolean; readonly delayMs: number }): void;
  discarded(reason: Reason, isGroup?: boolean): void;
  answered(outcome: string): void;
  file(outcome: string): void;
}

export function createChatMetrics(metrics: Metrics, now: () => number): ChatMetrics {
  const totals: { -readonly [Name in keyof ChatTotals]: ChatTotals[Name] } = {
    ...{ delivered: 0, deliveredAt: null, discarded: {}, answered: 0, failure: null },
  };
  const failed: ChatMetrics["failed"] = (code) => {
    totals.failure = { at: now(), code };
  };
  const notifications = metrics.counter(
    "chat_notifications_total",
    "Messages of Teams chats for members: posted, or discarded for a reason.",
    "events_notifications_total",
  );
  const delay = metrics.histogram(
    "chat_message_delay_seconds",
    "From a message in a Teams chat to its post.",
    [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    "events_message_delay_seconds",
  );
  const answers = metrics.counter("chat_answers_total", "Answers from Mattermost to Teams chats.");
  const files = metrics.counter(
    "chat_files_total",
    "Files of messages in Teams chats.",
    "events_files_total",
  );
  return {
    ...{ totals, failed },
    delivered({ delayMs, hasFiles, isGroup }) {
      notifications.add({
        is_group_chat: String(isGroup),
        has_attachments: String(hasFiles),
        discarded_reason: "",
      });
      totals.delivered += 1;
      totals.deliveredAt = now();
      totals.failure = null;
      delay.observe(Math.max(0, delayMs) / 1000);
    },
    discarded(reason, isGroup = false) {
      totals.discarded = { ...totals.discarded, [reason]: (totals.discarded[reason] ?? 0) + 1 };
      const code = failureCodes.find((one) => one === reason);
      if (code) failed(code);
      notifications.add({ is_group_chat: String(isGroup), has_attachments: "", discarded_reason: reason });
    },
    answered(outcome) {
      if (outcome === "sent") totals.answered += 1;
      answers.add({ outcome });
    },
    file: (outcome) => files.add({ outcome }),
  };
}
