import { describe, expect, test } from "bun:test";
import { buildConfig } from "../microsoft/config/index.ts";
import type { Language } from "../platform/i18n/index.ts";
import { complete } from "../platform/i18n/testing/complete.ts";
import { createWording } from "./checks/report.ts";
import { type StatusPorts, statusCommands } from "./status-command.ts";
import { statusWords } from "./status-words.ts";

const GUID = "11111111-2222-4333-8444-555555555555";

function world(change: Partial<StatusPorts> & { settings?: object } = {}) {
  let checked = 0;
  const current = buildConfig(change.settings ?? { m365_tenant_id: GUID, m365_client_id: GUID }, {
    siteUrl: "https://chat.example.com",
  });
  const commands = statusCommands({
    config: { current, onChange: () => () => {} },
    linkedAt: async () => Date.UTC(2026, 10, 2),
    notificationsAvailable: () => true,
    notificationsOn: async () => true,
    isSystemAdmin: async () => true,
    checks: async () => ({
      wording: createWording([]),
      async run() {
        checked += 1;
        const seen = [{ code: "site_url_bad", values: { url: "http | not https" } }];
        return {
          at: "2026-11-21T00:00:00Z",
          rows: [{ id: "site_url", state: "problem", seen, cure: "site_url" }],
        };
      },
    }),
    ...change,
  });
  const run = (name: string, language: Language = "en") =>
    commands.find((one) => one.name === name)?.run([], { userId: "u", language });
  const offered = () => commands.map((one) => `${one.name} ${one.role ?? "system_user"}`);
  return { run, offered, checked: () => checked };
}

complete("/teams status", statusWords);

describe("/teams status", () => {
  test("says whether notifications are on for the person", async () => {
    expect(await world().run("status")).toContain("is **on** for you");
    expect(await world({ notificationsOn: async () => false }).run("status")).toContain("is **off** for you");
  });
  test("is in the person's language", async () => {
    expect(await world().run("status", "de")).toContain("sind für Sie **eingeschaltet**");
  });
  test("diagnose is offered to system admins only", () => {
    expect(world().offered()).toEqual(["status system_user", "diagnose system_admin"]);
  });
  test("says since when the account is connected", async () => {
    expect(await world().run("status")).toContain("since 2026-11-02");
  });
  test("without a link, says how to get one", async () => {
    expect(await world({ linkedAt: async () => null }).run("status")).toContain("Open the Mattermost tab");
  });
  test("answers for all systems in one message", async () => {
    const asked: string[] = [];
    const features = async (userId: string, language: Language) => {
      asked.push(`${userId} ${language}`);
      return ["Teams chats are on.", "Calendar: reminders."];
    };
    const connection = async () => "Connected with alex.";
    const text = await world({ connection, features }).run("status", "fr");
    expect(text?.split("\n")).toEqual([
      "Connected with alex.",
      expect.stringContaining("2026-11-02"),
      expect.stringContaining("/teams notifications"),
      ...["Teams chats are on.", "Calendar: reminders."],
      expect.stringContaining("/teams unlink"),
    ]);
    expect(asked).toEqual(["u fr"]);
    const without = await world({ features, linkedAt: async () => null }).run("status");
    expect(without).toContain("Open the Mattermost tab");
    expect(without).toEndWith("Calendar: reminders.");
  });
  test("before the set-up, says so", async () => {
    expect(await world({ settings: {} }).run("status")).toContain("not set up");
  });
  test("says when notifications are off", async () => {
    expect(await world({ notificationsAvailable: () => false }).run("status")).toContain("switched off");
  });
});

describe("/teams diagnose", () => {
  test("shows every check as a row of a valid table", async () => {
    const table = (await world().run("diagnose")) ?? "";
    expect(table).toContain(":x:");
    expect(table.split("\n")[2]?.match(/(?<!\\)\|/g)).toHaveLength(5);
  });
  test("is in the caller's language", async () => {
    const table = (await world().run("diagnose", "de")) ?? "";
    expect(table).toContain("Was zu tun ist");
    expect(table).toContain("ist keine Webadresse");
  });
  test("runs no check for anybody but a system admin", async () => {
    const { run, checked } = world({ isSystemAdmin: async () => false });
    expect(await run("diagnose")).toBe("Only system admins may do this.");
    expect(checked()).toBe(0);
  });
});
