import { expect, test } from "bun:test";
import { buildConfig } from "../../microsoft/config/index.ts";
import { type CheckPorts, createChecks } from "./index.ts";

const HOUR = 3_600_000;

test("a message about a problem that reached no admin is sent in the next round, once", async () => {
  let now = Date.UTC(2026, 10, 29);
  let isBroken = false;
  let works = false;
  const sent: string[] = [];
  const store = new Map<string, Uint8Array>();
  const config = buildConfig(
    {
      m365_tenant_id: "11111111-1111-4111-8111-111111111111",
      m365_client_id: "22222222-2222-4222-8222-222222222222",
    },
    { siteUrl: "https://chat.example.com" },
  );
  const checks = createChecks({
    config: { current: config, onChange: () => () => {} },
    permissions: { list: () => [] },
    store: {
      get: async (key: string) => store.get(key) ?? null,
      set: async (...row: [string, Uint8Array]) => store.set(...row),
    },
    lock: async () => ({ release: async () => {} }),
    serverSettings: async () => ({
      siteUrl: "https://chat.example.com",
      frameAncestors: "*",
      allowCookiesForSubdomains: false,
    }),
    fetch: () => Promise.reject(new Error("no network")),
    tokens: { forget() {}, token: () => Promise.reject(new Error("no token")) },
    contributed: [
      {
        id: "bridge",
        look: () => (isBroken ? { state: "problem", seen: [] } : null),
        words: () => ({ en: { "title.bridge": "Bridge" } }),
      },
    ],
    async tellAdmins(message: (language: "en") => string) {
      if (!works) throw new Error("the database is away");
      if (message("en").includes("**Bridge**")) sent.push("Bridge");
    },
    log: { warn() {} },
    now: () => new Date(now),
  } as unknown as CheckPorts);
  await checks.daily();
  isBroken = true;
  now += 25 * HOUR;
  await expect(checks.daily()).rejects.toThrow("away");
  works = true;
  for (let round = 0; round < 3; round += 1) {
    now += HOUR;
    await checks.daily();
  }
  expect(sent).toEqual(["Bridge"]);
});
