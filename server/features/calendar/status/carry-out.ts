/**
 * Carries out changes of a Mattermost status, call by call. The server's traps and the reason for each order of calls
 * are in docs/facts/microsoft-calendar.md 13.
 */

import type { Status } from "../../../runtime/mattermost/index.ts";
import type { CalendarApi } from "../ports.ts";
import type { DayStep } from "../rules/day.ts";
import { type MattermostStatus, minuteAfter, type StatusMemory, type StatusNow } from "../rules/status.ts";

type StatusApi = Pick<CalendarApi, "setUserStatusTimedDND" | "updateUserStatus">;
export type StatusStep = Extract<DayStep, { do: "status" }>["decision"];

const known: readonly string[] = ["online", "away", "dnd", "offline", "ooo"];

/** Treats a status that this version does not know as the person's own, which is never touched. */
export function statusNow({
  DNDEndTime: endsAt,
  Manual: manual,
  Status: status,
}: Pick<Status, "DNDEndTime" | "Manual" | "Status">): StatusNow {
  return { status: known.includes(status) ? (status as MattermostStatus) : "ooo", manual, endsAt };
}

export interface StatusWork {
  readonly userId: string;
  readonly decision: StatusStep;
  /** The memory before this step. */
  readonly memory: StatusMemory | null;
  readonly now: StatusNow;
}

/**
 * Makes one call at the start of a meeting, and more only where the server would otherwise remember the wrong status.
 */
export async function carryOutStatus(
  api: StatusApi,
  { userId, decision, memory, now }: StatusWork,
): Promise<void> {
  switch (decision.do) {
    case "set":
      return begin(decision.status, decision.until, decision.prev.status);
    case "extend":
      return begin(decision.status, decision.until, memory?.prev.status ?? "online");
    case "restore":
      return restore(decision.status);
    default:
      // `yield` and `forget` change our memory alone.
      return;
  }

  async function begin(status: "away" | "dnd", until: number, before: MattermostStatus): Promise<void> {
    if (status === "away") {
      if (now.status === "dnd") await clear();
      await api.updateUserStatus(userId, "away");
      return;
    }
    // At its end the server restores what it found: that must be the status from before the meeting.
    if (now.status !== before && before !== "ooo") await api.updateUserStatus(userId, before);
    await api.setUserStatusTimedDND(userId, minuteAfter(until));
  }

  async function restore(status: MattermostStatus): Promise<void> {
    if (status === "ooo") return;
    if (now.status === "dnd") await clear();
    if (status !== "offline" || now.status !== "dnd") await api.updateUserStatus(userId, status);
  }

  /**
   * Resets the row of the status: every other status keeps the end of the timed do-not-disturb, which would end a
   * later one.
   */
  async function clear(): Promise<void> {
    await api.updateUserStatus(userId, "offline");
  }
}
