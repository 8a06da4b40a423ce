/**
 * Writes records to the server's audit log when it has one for plugins (from 10.10), else as lines of the server's
 * log. Records hold ids, codes and addresses of requests only: no token, cookie or text that somebody wrote.
 */

import type { Api, Logger, PluginHost } from "../../runtime/mattermost/index.ts";

export interface AuditRecord {
  readonly event: string;
  readonly success: boolean;
  /** A code from a closed set. */
  readonly reason: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly userAgent: string;
  readonly address: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface RecordPorts {
  readonly api: Pick<Api, "logAuditRec">;
  readonly supports: PluginHost["supports"];
  readonly log: Pick<Logger, "info" | "warn">;
}

export function createRecords({ api, supports, log }: RecordPorts): (record: AuditRecord) => void {
  async function write(record: AuditRecord): Promise<void> {
    if (!(await supports("logAuditRec"))) return writeLine(record);
    await api.logAuditRec({
      EventName: record.event,
      Status: record.success ? "success" : "fail",
      EventData: { Parameters: { ...record.parameters }, ObjectType: "session" },
      Actor: {
        UserId: record.userId,
        SessionId: record.sessionId,
        Client: record.userAgent,
        IpAddress: record.address,
      },
      Meta: {},
      Error: record.success ? {} : { Description: record.reason },
    });
  }

  function writeLine({ event, success, reason, userId, sessionId, address, parameters }: AuditRecord): void {
    log.info(success ? event : `${event} refused`, {
      ...parameters,
      reason,
      user_id: userId,
      session_id: sessionId,
      ip_address: address,
    });
  }

  /** A failing audit log must show up in the server's log, but must not block anybody. */
  return (record) => {
    write(record).catch((error: unknown) => {
      log.warn("The audit log did not take a record", { error: String(error) });
      writeLine(record);
    });
  };
}
