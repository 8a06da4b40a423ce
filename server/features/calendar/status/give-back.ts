/** Ends our statuses when a person leaves, and restores the status from before the meeting. */

import type { CalendarApi } from "../ports.ts";
import { removeOurs } from "../rules/custom-status.ts";
import type { DayMemory } from "../rules/day.ts";
import { giveBack } from "../rules/status.ts";
import { carryOutStatus, statusNow } from "./carry-out.ts";
import { carryOutCustom, customNow } from "./custom.ts";

export async function giveBackAll(
  api: CalendarApi,
  userId: string,
  { custom, status }: DayMemory,
  now: number,
): Promise<void> {
  if (status) {
    const [row] = await api.getUserStatusesByIds([userId]);
    if (row) {
      const seen = statusNow(row);
      const decision = giveBack(status, seen);
      if (decision.do === "restore")
        await carryOutStatus(api, { userId, decision, memory: status, now: seen });
    }
  }
  if (!custom) return;
  const user = await api.getUser(userId);
  const decision = user && removeOurs(custom, customNow(user, now, custom));
  if (decision?.do === "remove") await carryOutCustom(api, userId, decision);
}
