/** Recovers a status change that was under way when its node died. */

import type { Status } from "../../../runtime/mattermost/index.ts";
import type { CalendarApi } from "../ports.ts";
import { giveBack, minuteAfter, type StatusMemory } from "../rules/status.ts";
import { carryOutStatus, statusNow } from "./carry-out.ts";

/**
 * Answers true if the change was complete or is complete now, and false if it had not begun, so that it is due again.
 * A change of two calls is finished here: between them the person has a status that nobody chose.
 */
export async function recoverStatus(
  api: CalendarApi,
  userId: string,
  before: StatusMemory | null,
  after: StatusMemory | null,
): Promise<boolean> {
  const [row] = await api.getUserStatusesByIds([userId]);
  if (!row || after?.yielded) return true;
  const now = statusNow(row);
  if (!after) {
    if (!before || before.yielded) return true;
    if (isOurs(row, before)) return false;
    const decision = giveBack(before, { status: before.status, manual: true });
    const isBetween = now.status === "offline" && decision.do === "restore" && decision.status !== "offline";
    if (isBetween) await api.updateUserStatus(userId, decision.status);
    return true;
  }
  if (isOurs(row, after)) return true;
  if (!before || isOurs(row, before)) return false;
  const isBetween = now.status === "offline" || now.status === before.prev.status;
  if (isBetween) {
    const decision = { do: "extend", status: after.status, until: after.until } as const;
    await carryOutStatus(api, { userId, decision, memory: before, now });
  }
  return true;
}

function isOurs(row: Status, { status, until }: StatusMemory): boolean {
  if (status === "away") return row.Status === "away" && row.Manual;
  return row.Status === "dnd" && row.DNDEndTime === minuteAfter(until);
}
