/**
 * Notifies open pages of the web app that something has changed; they then read it again.
 *
 *   custom_mission-collaboration_calendar_changed     events of the person
 *   custom_mission-collaboration_calendar_settings    their settings
 */

import type { Api, Logger } from "../../runtime/mattermost/index.ts";

export interface OpenPagesPorts {
  readonly api: Pick<Api, "publishWebSocketEvent">;
  readonly log: Pick<Logger, "info">;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Combines changes: a moved series causes a hundred of them. */
const GATHER_MS = 500;

export function openPages({ api, log, sleep }: OpenPagesPorts) {
  const waiting = new Set<string>();

  function tell(userId: string, event: "calendar_changed" | "calendar_settings"): void {
    const key = `${event} ${userId}`;
    if (waiting.has(key)) return;
    waiting.add(key);
    void sleep(GATHER_MS)
      .finally(() => waiting.delete(key))
      .then(() =>
        api.publishWebSocketEvent(event, {}, { UserId: userId } as Parameters<
          typeof api.publishWebSocketEvent
        >[2]),
      )
      .catch((error: unknown) => log.info("Open pages did not learn of a change", { event, error }));
  }

  return {
    eventsChanged: (userId: string) => tell(userId, "calendar_changed"),
    settingsChanged: (userId: string) => tell(userId, "calendar_settings"),
  };
}
