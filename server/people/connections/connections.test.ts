import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { buildConfig } from "../../microsoft/config/index.ts";
import { languages } from "../../platform/i18n/index.ts";
import { complete } from "../../platform/i18n/testing/complete.ts";
import { Secret } from "../../platform/settings/secret.ts";
import { botWords } from "./bot-account/bot-words.ts";
import { connectionCommands, connectionStatus } from "./command.ts";
import { connectionWords } from "./connection-words.ts";
import { ensureEncryptionKey, keyRingOf } from "./encryption-key.ts";
import { outcomePage } from "./flow/outcome-page.ts";
import { outcomeWords } from "./flow/outcome-words.ts";
import { ending, type Outcome, outcomes } from "./flow/outcomes.ts";
import { inviteWords } from "./invitations/invite-words.ts";
import { neededPermissions } from "./needed-permissions.ts";
import { ConnectionsWorld } from "./testing/connections-world.ts";
import { Microsoft } from "./testing/microsoft.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());
beforeEach(() => microsoft.entra.healthy());

complete("pages of connecting", outcomeWords);
complete("the bot about connections", connectionWords);
complete("the bot account", botWords);
complete("invitations", inviteWords);

describe("the outcome pages", () => {
  for (const outcome of Object.keys(outcomes) as Outcome[]) {
    test(`${outcome} has its own page in every language`, async () => {
      const texts = new Set<string>();
      for (const language of languages) {
        const facts = {
          language,
          requestId: "request-1",
          siteUrl: "https://chat.example.com/x",
          pluginId: "p",
        };
        const names = { here: "a@b.c", there: "d@e.f", holder: "ben" };
        const response = outcomePage({ ...ending(outcome, "detail-of-ours"), names }, facts);
        const html = await response.text();
        expect(response.status).toBe(outcomes[outcome]);
        expect(html).toContain(`<html lang="${language}" dir="${language === "ar" ? "rtl" : "ltr"}">`);
        expect(html).not.toMatch(/\{\w+\}<|detail-of-ours|<script|style=|\son[a-z]+=/);
        texts.add(/<p>(.*?)<\/p>/.exec(html)?.[1] ?? "");
      }
      expect(texts.size).toBe(languages.length);
    });
  }

  test("are in the person's language, not the browser's", async () => {
    const w = new ConnectionsWorld({ microsoft });
    const ana = w.user("ana", { Locale: "de" });
    const html = await (await w.request("/oauth2/complete", ana, {}, { AcceptLanguage: "fr" })).text();
    expect(html).toContain('<html lang="de"');
  });
});

describe("the commands", () => {
  const run = async (w: ConnectionsWorld, name: string, userId: string) =>
    connectionCommands(w.connections)
      .find((one) => one.name === name)
      ?.run([], { userId, channelId: "c", teamId: "t", rootId: "", triggerId: "", language: "en" });

  test("connect, status, disconnect", async () => {
    const w = new ConnectionsWorld({ microsoft });
    const ana = w.user("ana");
    expect(await run(w, "connect", ana.Id)).toBe(
      "[Connect your Microsoft 365 account](https://chat.example.com/mattermost/plugins/mission-collaboration/oauth2/connect?return=dm)",
    );
    expect(await connectionStatus(w.connections, ana.Id, "en")).toContain("not connected");
    expect(await run(w, "disconnect", ana.Id)).toContain("not connected");
    await w.connect(ana, microsoft.person("ana"));
    expect(await run(w, "connect", ana.Id)).toContain("Disconnect it first");
    expect(await connectionStatus(w.connections, ana.Id, "en")).toStartWith(
      "Connected with ana@example.com since 20",
    );
    w.config.save({ calendar_enabled: true });
    expect(await connectionStatus(w.connections, ana.Id, "en")).toContain("need your agreement");
    expect(await run(w, "disconnect", ana.Id)).toContain("is disconnected");
  });

  test("explain why somebody may not connect", async () => {
    const w = new ConnectionsWorld({ microsoft });
    w.config.save({ connected_accounts_limit: 0 });
    expect(await run(w, "connect", w.user("ana").Id)).toContain("No more accounts");
    expect(await run(w, "connect", w.user("guest", { Roles: "system_guest" }).Id)).toContain("Guests cannot");
  });

  test("are not offered while no feature needs a connection", () => {
    const w = new ConnectionsWorld({ microsoft });
    const offered = () => connectionCommands(w.connections).map(({ isOffered }) => isOffered?.());
    expect(offered()).toEqual([true, true, false, true]);
    w.config.save({ channels_enabled: true });
    expect(offered()).toEqual([true, true, true, true]);
    w.config.save({ chats_enabled: false, channels_enabled: false });
    expect(offered()).toEqual([false, false, false, false]);
  });
});

describe("the requested permissions", () => {
  test("are none while no feature needs an account, and have no duplicates", () => {
    expect(neededPermissions([])).toEqual([]);
    expect(neededPermissions(["Chat.Read", "User.Read", "Chat.Read"])).toEqual(["User.Read", "Chat.Read"]);
  });
});

describe("the encryption key", () => {
  function settings(stored: Record<string, unknown>) {
    const saves: Record<string, unknown>[] = [];
    let held = false;
    const cluster = {
      async lock() {
        while (held) await Bun.sleep(1);
        held = true;
        const release = async () => {
          held = false;
        };
        return { release } as never;
      },
    };
    const node = (before: string | null = null) =>
      ensureEncryptionKey({
        before: before === null ? null : new Secret(before),
        cluster,
        load: async () => structuredClone(stored),
        save: async (next) => {
          saves.push(next);
          await Bun.sleep(2);
          Object.assign(stored, next);
        },
        log: { info: () => {}, error: () => {} },
      });
    return { node, saves, stored };
  }

  test("is created once by three nodes, and keeps other settings", async () => {
    const { node, saves, stored } = settings({ m365_client_secret: "kept" });
    await Promise.all([node(), node(), node()]);
    expect(saves).toHaveLength(1);
    expect(stored.m365_client_secret).toBe("kept");
    const config = buildConfig(stored, { siteUrl: "https://chat.example.com" });
    expect(keyRingOf(config)?.current.bytes).toHaveLength(32);
    expect(config.problems.filter(({ setting }) => setting.startsWith("encryption"))).toEqual([]);
  });

  test("is restored when a console that was opened earlier saved an empty field over it", async () => {
    const { node, stored } = settings({ encryption_key: "", encryption_key_previous: "" });
    const key = Buffer.alloc(32, 1).toString("base64");
    await node(key);
    expect(stored.encryption_key).toBe(key);
  });

  test("is created when the admin has moved the old one to the previous key", async () => {
    const key = Buffer.alloc(32, 1).toString("base64");
    const { node, stored } = settings({ encryption_key: "", encryption_key_previous: key });
    await node(key);
    expect(stored.encryption_key).not.toBe(key);
    expect(Buffer.from(String(stored.encryption_key), "base64")).toHaveLength(32);
  });

  for (const value of [Buffer.alloc(32, 1).toString("base64"), "mistyped", " ", 7]) {
    test(`is never replaced when it is ${JSON.stringify(value)}`, async () => {
      const { node, saves } = settings({ Encryption_Key: value });
      await node();
      expect(saves).toEqual([]);
    });
  }

  test("that cannot be read disables sealing and is reported as a problem of the settings", () => {
    const config = buildConfig({ encryption_key: "mistyped" }, { siteUrl: "https://chat.example.com" });
    expect(keyRingOf(config)).toBeNull();
    expect(config.problems.map(({ setting }) => setting)).toContain("encryption_key");
    expect(JSON.stringify(config)).not.toContain("mistyped");
  });

  test("that cannot be saved is logged without the key", async () => {
    const logged: string[] = [];
    await ensureEncryptionKey({
      cluster: { lock: async () => ({ release: async () => {} }) as never },
      load: async () => ({}),
      save: () => Promise.reject(new Error("read-only")),
      log: { info: () => {}, error: (message) => logged.push(message) },
    });
    expect(logged).toHaveLength(1);
  });
});

test("while no feature needs a connection, the routes answer and do nothing", async () => {
  const w = new ConnectionsWorld({ microsoft });
  w.config.save({ chats_enabled: false });
  const ana = w.user("ana");
  const off = { connected: false, mayConnect: false, mustConnect: false, maySkip: false };
  expect(await (await w.request("/api/v1/connection", ana)).json()).toEqual(off);
  expect((await w.request("/oauth2/connect", ana)).status).toBe(503);
  expect([...w.stored().keys()]).toEqual([]);
  w.config.save({ chats_enabled: true });
  expect(await (await w.request("/api/v1/connection", ana)).json()).toMatchObject({ mayConnect: true });
});
