import { describe, expect, test } from "bun:test";
import { buildConfig } from "../../microsoft/config/index.ts";
import { tableLanguages } from "../../platform/i18n/tables.ts";
import { seal } from "../../platform/store/sealed.ts";
import { connectionTables } from "./check-words.ts";
import { type ConnectionChecksPorts, connectionDiagnostics, lookAtConnections } from "./checks.ts";
import { connectionKey, ownerOf } from "./connection.ts";
import { keyRingOf } from "./encryption-key.ts";

const KEY = Buffer.alloc(32, 1).toString("base64");
const OTHER = Buffer.alloc(32, 2).toString("base64");
const configOf = (settings: Record<string, unknown>) =>
  buildConfig({ encryption_key: KEY, ...settings }, { siteUrl: "https://chat.example.com" });

interface World {
  settings?: Record<string, unknown>;
  people?: [userId: string, lost?: true][];
  isOn?: boolean;
  bot?: boolean;
  once?: number;
}

function world({
  settings = {},
  people = [],
  isOn = true,
  bot,
  once = 1,
}: World = {}): ConnectionChecksPorts {
  const ring = keyRingOf(configOf({}));
  if (!ring) throw new Error("no key");
  const store = new Map<string, Uint8Array>();
  for (const [userId] of people) {
    const record = {
      ...{ v: 1, id: "i".repeat(16), tenantId: "t", objectId: "o", account: "a", since: 1, scopes: [] },
      ...{ sealed: seal("token", ownerOf(userId), ring), takenAt: 1, madeLink: false },
    };
    store.set(connectionKey(userId), new TextEncoder().encode(JSON.stringify(record)));
  }
  const entry = { objectId: "o", account: "a", since: 1 };
  return {
    config: { current: configOf(settings), onChange: () => () => {} },
    kv: { get: async (key) => store.get(key) ?? null, compareAndSet: async () => false },
    connections: {
      isOn: () => isOn,
      async *list() {
        for (const [userId, lost] of people) yield [userId, lost ? { ...entry, lost } : entry];
      },
      needsBot: () => bot !== undefined,
      bot: async () => (bot ? ({} as never) : null),
      countOnce: async () => once,
      countInvited: async () => 3,
    },
  };
}

const look = (change?: World) => lookAtConnections(world(change));

describe("the Checks row about connected accounts", () => {
  test("is absent while no feature needs a connection", async () => {
    expect(await look({ isOn: false })).toBeNull();
  });
  test("says how many are connected and how many are lost", async () => {
    expect(await look({ people: [["ana"], ["bo"], ["cy", true]] })).toEqual({
      state: "ok",
      seen: [
        { code: "connected", values: { count: 2 } },
        { code: "lost", values: { count: 1 } },
      ],
    });
  });
  test("says that nobody can connect without a key", async () => {
    expect(await look({ settings: { encryption_key: "" } })).toMatchObject({
      ...{ state: "problem", cure: "no_key", setting: "encryption_key" },
    });
  });
  test("reports another key as a problem with a cure; with the old key as the previous one all is well", async () => {
    const people: World["people"] = [["lost", true], ["ana"]];
    expect(await look({ people, settings: { encryption_key: OTHER } })).toMatchObject({
      ...{ state: "problem", cure: "key_unknown", setting: "encryption_key_previous" },
    });
    const both = { encryption_key: OTHER, encryption_key_previous: KEY };
    expect(await look({ people, settings: both })).toMatchObject({ state: "ok" });
  });
  test("warns when the seats are full, or without a bot account", async () => {
    expect(await look({ once: 5, settings: { connected_accounts_limit: 5 } })).toMatchObject({
      ...{ state: "warning", cure: "full", setting: "connected_accounts_limit" },
    });
    expect(await look({ once: 5, settings: { connected_accounts_limit: 6 } })).toMatchObject({ state: "ok" });
    expect(await look({ bot: false })).toMatchObject({ state: "warning", cure: "no_bot" });
    expect(await look({ bot: true })).toMatchObject({ state: "ok" });
  });
});

test("the support packet has numbers and no names", async () => {
  const diagnostics = await connectionDiagnostics(world({ people: [["ana"], ["bo", true]], bot: false }));
  expect(diagnostics).toEqual({ on: true, connected: 1, lost: 1, invitations: 3, bot: false });
  expect(await connectionDiagnostics(world({ isOn: false }))).toEqual({ on: false });
});

test("every sentence exists in every language", () => {
  const tables = connectionTables();
  for (const language of tableLanguages)
    expect(Object.keys(tables[language])).toEqual(Object.keys(tables.en));
});
