/** Records outcomes of connections in the audit log and the metrics. */

import { createRecords, type RecordPorts } from "../../platform/audit/records.ts";
import type { Metrics } from "../../platform/metrics/metrics.ts";
import type { ConnectionEvent } from "./connection.ts";

const names = {
  connected: "microsoft365Connect",
  connect_refused: "microsoft365Connect",
  connection_lost: "microsoft365ConnectionLost",
  disconnected: "microsoft365Disconnect",
  bot_connected: "microsoft365BotConnect",
  bot_lost: "microsoft365BotLost",
  bot_disconnected: "microsoft365BotDisconnect",
} as const satisfies Record<ConnectionEvent["event"], string>;

export function connectionAudit(
  ports: RecordPorts & { readonly metrics: Pick<Metrics, "counter"> },
): (event: ConnectionEvent) => void {
  const record = createRecords(ports);
  const events = ports.metrics.counter(
    "connection_events_total",
    "Connected accounts, by what happened: connected, connect_refused, connection_lost, disconnected, bot_connected, …",
  );
  const lost = ports.metrics.counter(
    "connections_lost_total",
    "Refresh tokens that Microsoft refused",
    "msgraph_oauth_token_invalidated_total",
  );
  return ({ by, event, reason, requestId, userId }) => {
    events.add({ event });
    if (event === "connection_lost") lost.add();
    record({
      event: names[event],
      success: event !== "connect_refused" && event !== "connection_lost" && event !== "bot_lost",
      reason,
      userId: by,
      sessionId: "",
      userAgent: "",
      address: "",
      parameters: { connected_user_id: userId, reason, request_id: requestId },
    });
  };
}
