/** What was delivered and what was not, for metrics and the console. */

import type { Metrics } from "../../platform/metrics/metrics.ts";
import type { Discarded } from "./gate.ts";

/** The spelling of the earlier plugin where it has the reason (features N76). */
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

export interface Figures {
  delivered(more: { readonly isGroup: boolean; readonly hasFiles: boolean; readonly delayMs: number }): void;
  discarded(reason: Reason, isGroup?: boolean): void;
  answered(outcome: string): void;
  file(outcome: string): void;
}

export function createFigures(metrics: Metrics): Figures {
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
    delivered({ delayMs, hasFiles, isGroup }) {
      notifications.add({
        is_group_chat: String(isGroup),
        has_attachments: String(hasFiles),
        discarded_reason: "",
      });
      delay.observe(Math.max(0, delayMs) / 1000);
    },
    discarded: (reason, isGroup = false) =>
      notifications.add({ is_group_chat: String(isGroup), has_attachments: "", discarded_reason: reason }),
    answered: (outcome) => answers.add({ outcome }),
    file: (outcome) => files.add({ outcome }),
  };
}
