/** The audit record of an import from the earlier plugin: numbers, no names. */

import { createRecords, type RecordPorts } from "../../../platform/audit/records.ts";
import type { MigrationReport } from "./run.ts";

export interface Imported {
  readonly report: MigrationReport;
  readonly by: string;
  readonly requestId: string;
}

export function importRecord(ports: RecordPorts, { by, report, requestId }: Imported): void {
  const { connected, dry, links, people, problems, reconnect, subscriptions } = report;
  const counts = { people, connected, reconnect, links, subscriptions, problems: problems.length };
  createRecords(ports)({
    ...{ event: dry ? "calendarImportTried" : "calendarImport", userId: by, success: true, reason: "" },
    ...{ sessionId: "", userAgent: "", address: "" },
    parameters: {
      ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, String(count)])),
      request_id: requestId,
    },
  });
}
