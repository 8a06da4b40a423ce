/** Counts connected people for the console and for Prometheus. */

import type { Metrics } from "../../platform/metrics/metrics.ts";
import type { Settings } from "../../platform/settings/index.ts";
import type { Connections } from "./index.ts";

export interface ConnectionCounts {
  readonly connected: number;
  /** People who must connect again. */
  readonly lost: number;
  readonly pendingInvitations: number;
  /** People on the list of those who may connect. */
  readonly allowed: number;
  readonly activeSevenDays: number;
}

const DAY_MS = 86_400_000;

export async function countConnections(
  connections: Pick<Connections, "list" | "allowed" | "countInvited">,
  now: number,
): Promise<ConnectionCounts> {
  const since = Math.floor(now / DAY_MS) - 7;
  let connected = 0;
  let gone = 0;
  let activeSevenDays = 0;
  for await (const [, { lost, usedOn }] of connections.list()) {
    if (lost) gone += 1;
    else connected += 1;
    if (usedOn !== undefined && usedOn > since) activeSevenDays += 1;
  }
  const [allowed, pendingInvitations] = await Promise.all([
    connections.allowed.count(),
    connections.countInvited(),
  ]);
  return { connected, lost: gone, pendingInvitations, allowed, activeSevenDays };
}

/** The store is read at most once a minute, however often Prometheus asks. */
const KEEP_MS = 60_000;

/** Keeps the earlier plugin's metric names (feature row N75) where the meaning is the same. */
export function createConnectionMetrics(ports: {
  readonly metrics: Pick<Metrics, "watch">;
  readonly connections: Pick<Connections, "isOn" | "list" | "allowed" | "countInvited">;
  readonly settings: () => Pick<Settings, "connected_accounts_limit" | "pending_invitations_limit">;
  readonly clock: () => number;
}): { refresh(): Promise<void> } {
  const { clock, connections, metrics, settings } = ports;
  let counts: ConnectionCounts = {
    connected: 0,
    lost: 0,
    pendingInvitations: 0,
    allowed: 0,
    activeSevenDays: 0,
  };
  let countedAt = Number.NEGATIVE_INFINITY;

  async function refresh(): Promise<void> {
    countedAt = clock();
    // When it cannot be read, the last value stays.
    if (connections.isOn()) counts = await countConnections(connections, clock()).catch(() => counts);
  }
  const counted = (name: keyof ConnectionCounts) => () => {
    if (clock() - countedAt >= KEEP_MS) void refresh();
    return counts[name];
  };

  metrics.watch(
    "connected_accounts",
    "People who are connected.",
    counted("connected"),
    "app_connected_users",
  );
  metrics.watch(
    "connected_accounts_limit",
    "Most people who may connect.",
    () => settings().connected_accounts_limit,
    "app_connected_users_limit",
  );
  metrics.watch(
    "pending_invitations",
    "Invitations that nobody answered yet.",
    counted("pendingInvitations"),
    "app_pending_invites",
  );
  metrics.watch(
    "pending_invitations_limit",
    "Most invitations at a time.",
    () => settings().pending_invitations_limit,
    "app_pending_invites_limit",
  );
  metrics.watch(
    "allowed_accounts",
    "People on the list of who may connect.",
    counted("allowed"),
    "app_whitelisted_users",
  );
  metrics.watch(
    "active_accounts",
    "People whose account a feature used within seven days.",
    counted("activeSevenDays"),
  );
  return { refresh };
}
