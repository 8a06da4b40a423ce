/** Taking over from the plugin before this one. */

import { describe, expect, test } from "bun:test";
import { openStage, setUp, tenant, world } from "./testing/stage.ts";

openStage();

describe("the earlier plugin", () => {
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

  test("is shown first, taken over, and put back", async () => {
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

  test("does not replace a secret of ours", async () => {
    const { ask, settings } = world({ earlier, settings: { m365_client_secret: "ours" } });
    await ask("POST", "/api/v1/admin/import", { plugin: "com.mattermost.ms-embedded" });
    expect(settings().m365_client_secret).toBe("ours");
  });

  test("links are judged before they are made", async () => {
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
