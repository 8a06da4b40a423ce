/** Audits members' actions on events: ids and answers, never text of an event. */

import { createRecords, type RecordPorts } from "../../../platform/audit/records.ts";

export interface EventAction {
  readonly event: "calendarCreateEvent" | "calendarAnswer" | "calendarLink" | "calendarUnlink";
  readonly userId: string;
  readonly eventId: string;
  readonly channelId?: string;
  readonly answer?: string;
}

export type EventAudit = (action: EventAction) => void;

export function eventAudit(ports: RecordPorts): EventAudit {
  const record = createRecords(ports);
  return ({ answer, channelId, event, eventId, userId }) =>
    record({
      ...{ event, userId, success: true, reason: "", sessionId: "", userAgent: "", address: "" },
      parameters: {
        event_id: eventId,
        ...(channelId === undefined ? {} : { channel_id: channelId }),
        ...(answer === undefined ? {} : { answer }),
      },
    });
}
