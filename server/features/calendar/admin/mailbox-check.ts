/**
 * Checks whether calendars can be read, and with whose permissions, by trying a mailbox: the roles in the app's token
 * are not reliable, because an access policy can close single mailboxes, and RBAC for Applications opens some without
 * any role (docs/facts/microsoft-calendar.md 10).
 */

import { GraphError } from "../../../microsoft/graph/index.ts";
import type { CheckAnswer, Sentence } from "../../../platform/checks.ts";
import type { CalendarCore } from "../core.ts";
import { codeOf } from "../day/one-person.ts";
import { readNextHour } from "../outlook/next-hour.ts";

/** The first member's mailbox may be gone, or without a licence. */
const MOST_TRIES = 3;

export async function lookAtMailboxes(core: CalendarCore): Promise<CheckAnswer> {
  const { driver } = await core.statistics.read();
  const tried = await tryFirstMailboxes(core);
  if (tried === "nobody") return { state: "unknown", seen: [{ code: "calendar_nobody" }] };
  const counts: Sentence[] = driver
    ? [
        {
          code: "calendar_members",
          values: { count: driver.members, app: driver.readByApp, person: driver.readByPerson },
        },
      ]
    : [];
  const failing = Object.values(driver?.failing ?? {}).reduce((sum, count) => sum + count, 0);
  const seen = [{ code: tried.code, values: { detail: tried.detail } }, ...counts];
  if (tried.code === "calendar_not_tried") return { state: "unknown", seen };
  if (tried.code === "calendar_denied") return { state: "warning", seen, cure: tried.code };
  if (failing === 0) return { state: "ok", seen };
  const fail = { code: "calendar_failing", values: { count: failing } };
  return { state: "warning", seen: [...seen, fail], cure: fail.code };
}

interface Tried {
  readonly code: "calendar_read" | "calendar_denied" | "calendar_not_tried";
  readonly detail: string;
}

async function tryFirstMailboxes(core: CalendarCore): Promise<Tried | "nobody"> {
  const { clock, connections, graph } = core.services;
  let last: Tried | "nobody" = "nobody";
  let tries = 0;
  for await (const [userId] of core.members.all()) {
    const objectId = await core.view.eventAccess.objectId(userId);
    if (objectId === null || !(await connections.isConnected(userId))) continue;
    try {
      await readNextHour(graph, `/users/${encodeURIComponent(objectId)}`, clock.now(), { tries: 1 });
      return { code: "calendar_read", detail: "" };
    } catch (error) {
      const isDenied = error instanceof GraphError && error.status === 403;
      last = { code: isDenied ? "calendar_denied" : "calendar_not_tried", detail: codeOf(error) };
    }
    tries += 1;
    if (tries >= MOST_TRIES) break;
  }
  return last;
}
