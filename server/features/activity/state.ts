/** The state of delivery as the console shows it. */

import type { Trouble } from "./delivery/delivery.ts";
import type { Totals } from "./metrics.ts";

export interface NotificationsState {
  readonly enabled: boolean;
  readonly linkedMembers: number;
  readonly indexComplete: boolean;
  /** Whether this node delivers for the cluster; the others know neither depth nor trouble. */
  readonly delivering: boolean;
  readonly waitingPosts: number;
  readonly oldestWaitingAt: number | null;
  readonly lastDeliveredAt: number | null;
  readonly trouble: Trouble | null;
  readonly totals: Totals;
}
