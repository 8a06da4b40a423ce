/**
 * `npm run bench -- connect [--people 200] [--rounds 5] [--quick]`
 *
 * Measures connected accounts with the built executable between our stand-ins: connecting people per second; the
 * memory of 10,000 connections and the cost of one hourly job; and starts with 10,000 connections and 500
 * subscriptions in the store, alternating with starts without any. Needs `npm run build`; Linux only.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseOptions } from "../build/options.ts";
import type { KvBackup } from "../e2e/sandbox/mattermost/kv.ts";
import { login } from "../e2e/sandbox/mattermost/sessions.ts";
import { Sandbox } from "../e2e/sandbox/sandbox.ts";
import { Registrations } from "../server/microsoft/subscriptions/lifecycle/registrations.ts";
import type { Connection } from "../server/people/connections/connection.ts";
import { ownerOf } from "../server/people/connections/connection.ts";
import { ConnectionStore } from "../server/people/connections/connection-store.ts";
import { LinkStore } from "../server/people/link-store.ts";
import { readKey, seal } from "../server/platform/store/sealed.ts";
import { median } from "./median.ts";
import { sampleOf } from "./process.ts";

const { values: options } = parseOptions({
  options: {
    people: { type: "string", default: "200" },
    rounds: { type: "string", default: "5" },
    quick: { type: "boolean", default: false },
  },
  strict: false,
});
const people = options.quick ? 50 : Number(options.people);
const rounds = options.quick ? 3 : Number(options.rounds);
const CONNECTIONS = 10_000;
const SUBSCRIPTIONS = 500;
const AT_ONCE = 8;

const bundlePath = join(import.meta.dir, "../dist/mission-collaboration");
if (!existsSync(join(bundlePath, "server/dist")) || process.platform !== "linux") {
  console.log("Not run: this needs Linux, and `npm run build` before.");
  process.exit(0);
}

const settings = { calendar_enabled: true, connected_accounts_limit: 100_000 };
const sandbox = await Sandbox.start({ bundlePath, settings });
const pluginId = sandbox.bundle.id;
const base = `${sandbox.siteUrl}/plugins/${pluginId}`;
const kv = sandbox.world.kv(pluginId);
const stored = () => sandbox.world.config.PluginSettings.Plugins[pluginId] as Record<string, unknown>;
while (typeof stored().encryption_key !== "string" || stored().encryption_key === "") await Bun.sleep(20);
const pid = () => sandbox.mattermost.process("node-1")?.pid ?? 0;

// A few people at a time connect, as at nine in the morning.
const waiting = Array.from({ length: people }, (_, index) => `bench${index}`);
const began = performance.now();
const processorBefore = sampleOf(pid()).processor * 1000;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) await connect(name);
  }),
);
const seconds = (performance.now() - began) / 1000;
const processor = sampleOf(pid()).processor * 1000 - processorBefore;
console.log(
  `connect flows            ${(people / seconds).toFixed(0)} a second, ${AT_ONCE} at a time, stand-ins included`,
);
console.log(`  processor of the plugin ${(processor / people).toFixed(1)} ms each`);

// Alternates starts with an empty store and with 10,000 people.
const empty = kv.backup();
const full = await fill();
const starts = { empty: [] as number[], full: [] as number[] };
/** Processor time, which does not depend on other load of the machine. */
const active = { empty: [] as number[], full: [] as number[] };
const memory = { empty: [] as number[], full: [] as number[] };
const work = { empty: [] as number[], full: [] as number[] };
for (let round = 0; round < rounds; round += 1)
  for (const which of round % 2 === 0 ? (["empty", "full"] as const) : (["full", "empty"] as const)) {
    await sandbox.mattermost.stopPlugin();
    kv.restore(which === "empty" ? empty : full);
    // The hourly job runs at the start, so that its work and memory are measured, too.
    kv.delete("job_connections");
    const asked = performance.now();
    await sandbox.mattermost.startPlugin();
    starts[which].push(performance.now() - asked);
    active[which].push(sampleOf(pid()).processor * 1000);
    const until = performance.now() + 30_000;
    while (kv.get("job_connections") === null && performance.now() < until) await Bun.sleep(100);
    await Bun.sleep(4_000);
    work[which].push(sampleOf(pid()).processor * 1000);
    memory[which].push(sampleOf(pid()).resident);
  }
sandbox.close();

const print = (what: string, of: { empty: number[]; full: number[] }, unit: string, digits = 0) => {
  const [without, with_] = [median(of.empty), median(of.full)];
  console.log(
    `${what.padEnd(25)}${with_.toFixed(digits)} ${unit} with, ${without.toFixed(digits)} ${unit} without: ${(with_ / without).toFixed(2)}`,
  );
};
print("start to active", starts, "ms");
print("  processor of it", active, "ms");
print("resident after a round", memory, "MB", 1);
print("processor of start+round", work, "ms");
process.exit(0);

async function connect(name: string): Promise<void> {
  const address = `${name}@harbor.example`;
  const person = sandbox.tenant.addPerson({ displayName: name, userPrincipalName: address });
  const user = sandbox.world.addUser({ Username: name, Email: address });
  const { cookies } = login(sandbox.world, user, new Request(sandbox.siteUrl));
  const Cookie = cookies.map((cookie) => cookie.split(";")[0]).join("; ");
  const get = (path: string) => fetch(`${base}${path}`, { redirect: "manual", headers: { Cookie } });
  const back = sandbox.entra.signIn((await get("/oauth2/connect")).headers.get("Location") ?? "", person);
  const { status } = await get(back.slice(base.length));
  if (status !== 200) throw new Error(`${name}: ${status}`);
}

/** 10,000 people and 500 subscriptions, written by the product's own code. */
async function fill(): Promise<KvBackup> {
  await sandbox.mattermost.stopPlugin();
  const store = {
    get: async (key: string) => kv.get(key),
    compareAndSet: async (key: string, OldValue: Uint8Array | null, next: Uint8Array | null) =>
      next ? kv.set(key, next, { Atomic: true, OldValue }) : OldValue !== null && kv.deleteIf(key, OldValue),
  };
  const current = readKey(String(stored().encryption_key));
  if (!current) throw new Error("no key");
  const now = Date.now();
  const tenantId = sandbox.tenant.id;
  const connections = new ConnectionStore(store);
  const links = new LinkStore({ kv: store as never, revoke: async () => {}, clock: () => now });
  const registrations = new Registrations(
    store as never,
    () => now,
    () => {},
  );
  for (let at = 0; at < CONNECTIONS; at += 500)
    await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        const userId = `u${String(at + index).padStart(25, "0")}`;
        const objectId = crypto.randomUUID();
        const account = `person${at + index}@harbor.example`;
        await links.claim({ tenantId, objectId }, userId, "connected");
        const connection: Connection = {
          v: 1,
          id: "c".repeat(43),
          tenantId,
          objectId,
          account,
          since: now,
          scopes: ["User.Read", "Calendars.ReadWrite", "MailboxSettings.Read"],
          sealed: seal("r".repeat(1_200), ownerOf(userId), { current, previous: null }),
          takenAt: now,
          madeLink: true,
        };
        await connections.entries.set(userId, { objectId, account, since: now, madeLink: true });
        await connections.once.set(userId, now);
        await connections.replace(userId, connection);
      }),
    );
  const registration = sandbox.registration?.app.appId ?? "";
  await Promise.all(
    Array.from({ length: SUBSCRIPTIONS }, (_, index) =>
      registrations.set({
        id: `r${index}`.padEnd(22, "x"),
        wish: `bench/${index}`,
        resource: `/teams/t${index}/channels/c${index}/messages`,
        changeTypes: "created,updated,deleted",
        notificationUrl: `${base}/api/v1/graph/changes`,
        tenantId,
        clientId: registration,
        certificateId: null,
        subscriptionId: crypto.randomUUID(),
        madeAt: now,
        renewedAt: now,
        renewAt: now + 3_600_000,
        expiresAt: now + 7_200_000,
        asked: null,
      }),
    ),
  );
  return kv.backup();
}
