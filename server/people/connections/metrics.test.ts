import { afterAll, beforeEach, expect, test } from "bun:test";
import { createMetrics } from "../../platform/metrics/metrics.ts";
import { connectionAudit } from "./audit.ts";
import { createConnectionMetrics } from "./metrics.ts";
import { ConnectionsWorld } from "./testing/connections-world.ts";
import { Microsoft } from "./testing/microsoft.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());
beforeEach(() => microsoft.entra.healthy());

const metricsOf = (w: ConnectionsWorld, registry: ReturnType<typeof createMetrics>) =>
  createConnectionMetrics({
    metrics: registry,
    connections: w.connections,
    settings: () => w.config.current.settings,
    clock: () => w.now,
  });

test("the console's counts are also Prometheus metrics, including the earlier plugin's names", async () => {
  const w = new ConnectionsWorld({ microsoft });
  w.config.save({ pending_invitations_limit: 7, connected_accounts_limit: 9 });
  const registry = createMetrics();
  const metrics = metricsOf(w, registry);
  w.connections.onChange(() => void metrics.refresh());
  await w.connect(w.user("ana"), microsoft.person("ana"));
  await w.settle();
  await metrics.refresh();
  const value = (name: string) => new RegExp(`^${name} (\\S+)$`, "m").exec(registry.text())?.[1];
  const ours = (name: string) => value(`mission_collaboration_${name}`);
  const theirs = (name: string) => value(`msteams_connect_${name}`);
  expect([ours("connected_accounts"), theirs("app_connected_users")]).toEqual(["1", "1"]);
  expect([ours("connected_accounts_limit"), theirs("app_connected_users_limit")]).toEqual(["9", "9"]);
  expect([ours("pending_invitations_limit"), theirs("app_pending_invites_limit")]).toEqual(["7", "7"]);
  expect([theirs("app_pending_invites"), theirs("app_whitelisted_users")]).toEqual(["0", "0"]);
});

test("the store is read once a minute, however often Prometheus asks", async () => {
  const w = new ConnectionsWorld({ microsoft });
  const registry = createMetrics();
  metricsOf(w, registry);
  let reads = 0;
  w.fault = () => {
    reads += 1;
    return undefined;
  };
  /** Waits until nothing more is read, and returns the number of reads. */
  const settled = async () => {
    for (let before = -1; before !== reads; ) {
      before = reads;
      await Bun.sleep(20);
    }
    return reads;
  };
  registry.text();
  const once = await settled();
  expect(once).toBeGreaterThan(0);
  for (let scrape = 0; scrape < 5; scrape += 1) registry.text();
  expect(await settled()).toBe(once);
  w.pass(61_000);
  registry.text();
  expect(await settled()).toBeGreaterThan(once);
});

test("while no feature needs an account nothing is read", async () => {
  const w = new ConnectionsWorld({ microsoft });
  w.config.save({ chats_enabled: false });
  const registry = createMetrics();
  metricsOf(w, registry);
  w.fault = () => new Error("read");
  expect(registry.text()).toContain("mission_collaboration_connected_accounts 0");
  await Bun.sleep(20);
});

test("a loss is counted under both names, and labels name no person", () => {
  const registry = createMetrics();
  const audit = connectionAudit({
    metrics: registry,
    supports: async () => false,
    api: { logAuditRec: async () => {} } as never,
    log: { info: () => {}, warn: () => {} } as never,
  });
  audit({ event: "connection_lost", userId: "u".repeat(26), by: "", reason: "AADSTS1", requestId: "r" });
  audit({ event: "connected", userId: "u".repeat(26), by: "", reason: "", requestId: "r" });
  expect(registry.text()).toContain("msteams_connect_msgraph_oauth_token_invalidated_total 1");
  expect(registry.text()).toContain("mission_collaboration_connections_lost_total 1");
  expect(registry.text()).not.toContain("uuuu");
});
