/**
 * Tests that the built executable imports and restores the settings of the earlier plugins. Runs in `npm test` after
 * the bundle is built.
 */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { stageOfEachTest } from "./stage-of-each-test.ts";

// Longer than each `until` in a test, so that `until` fails first and names what was missing.
setDefaultTimeout(600_000);

const start = stageOfEachTest();

describe("settings of the earlier plugins", () => {
  test("are shown, imported and restored while every feature is off, with an audit record of each", async () => {
    const { ask, sandbox, stored } = await (async () => {
      const started = await start();
      await started.save({ chats_enabled: false, m365_client_secret: "", m365_client_id: "" });
      const boss = started.member("boss", { Roles: "system_user system_admin" });
      return { ...started, ...boss };
    })();
    const id = "22222222-2222-4222-8222-222222222222";
    sandbox.world.config.PluginSettings.Plugins["com.mattermost.msteams-sync"] = {
      ...{ tenantid: stored().m365_tenant_id, clientid: id, clientsecret: "an earlier secret" },
      ...{ connectedusersallowed: 77, connectedusersrestricted: true, syncnotifications: true },
      ...{ enabledteams: "alpha,beta", encryptionkey: "k".repeat(32), webhooksecret: "w".repeat(32) },
    };
    sandbox.world.config.PluginSettings.Plugins["com.mattermost.mscalendar"] = {
      ...{
        oauth2authority: stored().m365_tenant_id,
        oauth2clientid: id,
        oauth2clientsecret: "of the calendar",
      },
      ...{ adminuserids: "a, b", adminloglevel: "warn", adminlogverbose: true },
    };
    const import_ = "/api/v1/admin/import";
    const preview = await (await ask(import_)).text();
    expect(preview).toContain("com.mattermost.msteams-sync");
    expect(preview).toContain("com.mattermost.mscalendar");
    for (const secret of ["an earlier secret", "of the calendar", "kkkk", "wwww"])
      expect(preview).not.toContain(secret);
    const before = structuredClone(stored());
    const changed = (next: Record<string, unknown>) => expect(stored()).toMatchObject(next);

    expect(
      (await ask(import_, { method: "POST", json: { plugin: "com.mattermost.msteams-sync" } })).status,
    ).toBe(200);
    changed({
      ...{ m365_client_id: id, m365_client_secret: "an earlier secret", connected_accounts_limit: 77 },
      ...{ connected_accounts_restricted: true, chats_enabled: true, enforce_teams: "alpha,beta" },
    });
    expect((await ask(`${import_}/undo`, { method: "POST", json: {} })).status).toBe(200);
    changed(before);
    expect(
      (await ask(import_, { method: "POST", json: { plugin: "com.mattermost.mscalendar" } })).status,
    ).toBe(200);
    changed({
      ...{ m365_client_secret: "of the calendar", calendar_admin_user_ids: "a, b" },
      ...{ calendar_admin_log_level: "warn", calendar_admin_log_verbose: true },
    });
    const records = JSON.stringify(sandbox.world.audit);
    const events = [...records.matchAll(/microsoft365_(settings_\w+)/g)].map(([, event]) => event);
    expect(events).toEqual(["settings_imported", "settings_import_undone", "settings_imported"]);
    expect(records).not.toContain("of the calendar");
  });
});
