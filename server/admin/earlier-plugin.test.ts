/** Tests the migration from the earlier plugins. */

import { describe, expect, test } from "bun:test";
import { parseSettings } from "../platform/settings/index.ts";
import { openStage, setUp, tenant, world } from "./testing/stage.ts";

openStage();

describe("migration from an earlier plugin", () => {
  const earlier = {
    "com.mattermost.ms-embedded": {
      tenantid: ` ${tenant.id} `,
      appclientid: "22222222-2222-4222-8222-222222222222",
      appclientsecret: "old~secret",
      app_id: "33333333-3333-4333-8333-333333333333",
      app_version: "1.4.2",
      app_name: "Mattermost Embedded for everybody here",
      national_cloud: "commercial",
    },
  };

  test("is previewed, applied, and undone", async () => {
    const { ask, settings } = world({ earlier });
    const before = settings();
    const { answer } = await ask("GET", "/api/v1/admin/import");
    expect(answer.canUndo).toBe(false);
    const rows = Object.fromEntries(
      answer.found[0].rows.map((row: { key: string; value: string }) => [row.key, row.value]),
    );
    expect(rows).toMatchObject({
      m365_tenant_id: tenant.id,
      app_version: "1.4.3",
      m365_client_secret: "•••",
    });
    expect(JSON.stringify(answer)).not.toContain("old~secret");
    expect(settings()).toEqual(before);

    await ask("POST", "/api/v1/admin/import", { plugin: "com.mattermost.ms-embedded" });
    expect(settings()).toMatchObject({
      m365_client_secret: "old~secret",
      app_name: "Mattermost Embedded for everyb",
      national_cloud: "commercial",
    });
    await ask("POST", "/api/v1/admin/import/undo");
    expect(settings()).toEqual({ ...before, m365_client_secret: "" });
    expect((await ask("POST", "/api/v1/admin/import/undo")).status).toBe(404);
  });

  test("pressed twice, is still undone", async () => {
    const { ask, settings } = world({ earlier });
    const before = settings();
    for (const taken of [7, 0]) {
      const { answer } = await ask("POST", "/api/v1/admin/import", { plugin: "com.mattermost.ms-embedded" });
      expect(answer.taken).toHaveLength(taken);
    }
    await ask("POST", "/api/v1/admin/import/undo");
    expect(settings()).toEqual({ ...before, m365_client_secret: "" });
  });

  test("does not replace a secret of ours", async () => {
    const { ask, settings } = world({ earlier, settings: { m365_client_secret: "ours" } });
    await ask("POST", "/api/v1/admin/import", { plugin: "com.mattermost.ms-embedded" });
    expect(settings().m365_client_secret).toBe("ours");
  });

  const teams = {
    "com.mattermost.msteams-sync": {
      tenantid: tenant.id,
      clientid: "44444444-4444-4444-8444-444444444444",
      clientsecret: "teams~secret",
      encryptionkey: "x".repeat(32),
      webhooksecret: "hook~secret",
      connectedusersallowed: 250,
      connectedusersmaxpendinginvites: "20",
      connectedusersrestricted: true,
      enforceconnectedusers: true,
      allowskipconnectusers: true,
      enabledteams: "Operations, HQ",
      syncguestusers: true,
      syncnotifications: true,
      synclinkedchannels: false,
      maxsizeforcompletedownload: 15,
    },
    "com.mattermost.mscalendar": {
      oauth2authority: tenant.id,
      oauth2clientid: "55555555-5555-4555-8555-555555555555",
      oauth2clientsecret: "calendar~secret",
      adminuserids: `${"a".repeat(26)}, ${"b".repeat(26)}`,
      adminloglevel: "warn",
      adminlogverbose: true,
    },
  };

  test("converts settings of the Teams plugin", async () => {
    const { ask, settings } = world({ earlier: teams });
    const preview = JSON.stringify((await ask("GET", "/api/v1/admin/import")).answer);
    for (const secret of ["teams~secret", "calendar~secret", "hook~secret", "x".repeat(32)])
      expect(preview).not.toContain(secret);
    const { answer } = await ask("POST", "/api/v1/admin/import", { plugin: "com.mattermost.msteams-sync" });
    expect(settings()).toMatchObject({
      m365_tenant_id: tenant.id,
      m365_client_id: "44444444-4444-4444-8444-444444444444",
      m365_client_secret: "teams~secret",
      connected_accounts_limit: 250,
      pending_invitations_limit: "20",
      connected_accounts_restricted: true,
      enforce_connected_accounts: true,
      allow_skip_connecting: true,
      enforce_teams: "Operations, HQ",
      channels_enabled_teams: "Operations, HQ",
      channels_sync_guests: true,
      chats_enabled: true,
      chats_max_file_size_mb: 15,
    });
    expect(answer.taken).not.toContain("encryption_key");
    expect(parseSettings(settings()).problems).toEqual([]);
  });

  test("converts settings of the calendar plugin", async () => {
    const { ask, settings } = world({ earlier: teams });
    await ask("POST", "/api/v1/admin/import", { plugin: "com.mattermost.mscalendar" });
    expect(settings()).toMatchObject({
      m365_client_id: "55555555-5555-4555-8555-555555555555",
      m365_client_secret: "calendar~secret",
      calendar_admin_user_ids: `${"a".repeat(26)}, ${"b".repeat(26)}`,
      calendar_admin_log_level: "warn",
      calendar_admin_log_verbose: true,
    });
    expect(parseSettings(settings()).problems).toEqual([]);
  });

  test("never mixes another registration with ours: its client ID would not match our secret", async () => {
    const { ask, settings } = world({ earlier: teams, settings: { m365_client_secret: "ours" } });
    const before = settings();
    const { answer } = await ask("GET", "/api/v1/admin/import");
    for (const { rows } of answer.found)
      expect(
        rows.map(({ key }: { key: string }) => key).filter((key: string) => key.startsWith("m365_")),
      ).toEqual([]);
    await ask("POST", "/api/v1/admin/import", { plugin: "com.mattermost.mscalendar" });
    expect(settings().m365_client_id).toBe(before.m365_client_id);
    expect(settings()).toMatchObject({
      m365_client_secret: "ours",
      calendar_admin_log_level: "warn",
    });
  });

  test("links are checked before they are created", async () => {
    const { ask, links } = await setUp();
    const object = (n: number) => `0000000${n}-0000-4000-8000-000000000000`;
    links.set("c".repeat(26), { objectId: object(3) });
    const line = (user: string, n: number) =>
      JSON.stringify({ MattermostUserID: user.repeat(26), TeamsObjectID: object(n) });
    const text = [line("e", 1), line("d", 2), line("c", 4), line("f", 3), line("g", 5), "{broken"].join("\n");
    const counts = { link: 1, not_allowed: 1, conflict: 2, no_account: 1 };
    const dry = await ask("POST", "/api/v1/admin/import/links", { text, dryRun: true });
    expect(dry.answer).toEqual({ counts, unreadable: 1 });
    expect(links.size).toBe(1);
    const real = await ask("POST", "/api/v1/admin/import/links", { text, dryRun: false });
    expect(real.answer).toEqual({ counts, unreadable: 1 });
    expect(links.get("e".repeat(26))).toEqual({ objectId: object(1) });
    expect(links.size).toBe(2);
  });
});
