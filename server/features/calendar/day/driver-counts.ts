/** Counts what the driving node knows about its people. */

import type { DriverCounts } from "../admin/statistics.ts";
import { earliest } from "../rules/boundary.ts";
import type { LiveNotifications } from "./live.ts";
import type { DayPerson } from "./people.ts";

export function driverCounts(
  people: readonly DayPerson[],
  live: Pick<LiveNotifications, "isLive">,
  now: number,
): DriverCounts {
  const failing: Record<string, number> = {};
  const readBy = { app: 0, person: 0 };
  let [announced, lastReadAt] = [0, 0];
  for (const { failure, readAt, readBy: by, userId } of people) {
    if (failure) failing[failure.why] = (failing[failure.why] ?? 0) + 1;
    if (by) readBy[by] += 1;
    if (live.isLive(userId)) announced += 1;
    lastReadAt = Math.max(lastReadAt, readAt ?? 0);
  }
  const ahead = people.map(({ nextLookAt }) => (nextLookAt !== null && nextLookAt > now ? nextLookAt : null));
  return {
    ...{ at: now, members: people.length, announced, failing },
    ...{ readByApp: readBy.app, readByPerson: readBy.person },
    notReadYet: people.length - readBy.app - readBy.person,
    lastReadAt: lastReadAt || null,
    nextBoundaryAt: earliest(ahead),
  };
}
