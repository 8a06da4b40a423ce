/** Tests every check of the set-up, passing and failing, and the reports that admins read. */

import { describe, expect, test } from "bun:test";
import { openStage, setUp, tenant, world } from "./testing/stage.ts";

openStage();

describe("checks", () => {
  const ancestors = "https://teams.sandbox.example";

  test("a finished set-up passes every check that can be run", async () => {
    const { ask, signIn } = await setUp({ frameAncestors: ancestors });
    await ask("POST", `${await signIn("publish")}/publish`, { review: false });
    const { answer } = await ask("POST", "/api/v1/checks");
    const states = Object.fromEntries(
      answer.report.rows.map((row: { id: string; state: string }) => [row.id, row.state]),
    );
    expect(states).toMatchObject({
      settings: "ok",
      site_url: "ok",
      frame_ancestors: "ok",
      entra_reachable: "ok",
      clock: "ok",
      credential: "ok",
      credential_expiry: "ok",
      roles: "ok",
      catalog: "ok",
      // Application.Read.All is not requested, so the app cannot read its own registration; that is fine.
      registration: "unknown",
    });
    expect((await ask("GET", "/api/v1/checks")).answer.report.at).toBe(answer.report.at);
  });

  const broken: [
    name: string,
    row: string,
    spoil: (at: Awaited<ReturnType<typeof setUp>>) => void,
    says: string,
  ][] = [
    ["a wrong secret", "credential", (at) => at.change({ m365_client_secret: "wrong" }), "AADSTS7000215"],
    [
      "another tenant",
      "entra_reachable",
      (at) => at.change({ m365_tenant_id: crypto.randomUUID() }),
      "no such tenant",
    ],
    [
      "a missing role",
      "roles",
      () => tenant.appRoleAssignments.splice(0, 1),
      "TeamsActivity.Send is missing",
    ],
    [
      "no right to see the catalog",
      "catalog",
      () => tenant.appRoleAssignments.splice(0),
      "AppCatalog.Read.All is not granted",
    ],
    ["an app that was never uploaded", "catalog", () => {}, "not in the catalog"],
    ["no frame ancestors", "frame_ancestors", () => {}, "lacks https://teams.sandbox.example"],
    [
      "Entra out of reach",
      "entra_reachable",
      (at) => at.change({ custom_login_url: "https://127.0.0.1:1" }),
      "cannot be reached",
    ],
    [
      "a certificate that expires in three weeks",
      "credential_expiry",
      (at) => at.pass(345 * 86_400_000),
      "Expires on",
    ],
  ];
  for (const [name, id, spoil, says] of broken) {
    test(`${name}: the row says so, with a cure`, async () => {
      const at = await setUp();
      spoil(at);
      const row = await at.row(id);
      expect(row.state).not.toBe("ok");
      expect(row.evidence).toContain(says);
      if (row.state !== "unknown") expect(row.cure).not.toBe("");
    });
  }

  test("another tenant: the credential's row shows Microsoft's answer and does not blame the network", async () => {
    const at = await setUp();
    at.change({ m365_tenant_id: crypto.randomUUID() });
    const row = await at.row("credential");
    expect(row).toMatchObject({ state: "problem", setting: "m365_tenant_id" });
    expect(row.evidence).toContain("AADSTS90002");
    expect(row.cure).toContain("there is no such tenant in this cloud");
    expect(row.cure).not.toContain("DNS");
  });

  test("an unreachable host: the row names host and cause, in the language of the request", async () => {
    const at = await setUp();
    at.change({ custom_login_url: "https://127.0.0.1:1" });
    for (const id of ["entra_reachable", "credential"]) {
      const { answer } = await at.ask("POST", "/api/v1/checks", undefined, { "Accept-Language": "de" });
      const row = answer.report.rows.find((one: { id: string }) => one.id === id);
      expect(row.evidence).toContain(
        "https://127.0.0.1:1 ist nicht erreichbar: an diesem Port antwortet nichts",
      );
      expect(row.cure).toContain("DNS");
    }
  });

  test("an unusable proxy is named by its variable, without its password", async () => {
    const environment = { HTTPS_PROXY: "socks5://user:hunter2@proxy.corp:1080" };
    const at = await setUp();
    expect((await at.row("proxy")).state).toBe("ok");
    const behind = world({
      proxyEnvironment: environment,
      settings: { custom_login_url: "https://login.corp" },
    });
    const row = await behind.row("proxy");
    expect(row).toMatchObject({ state: "problem", setting: "outgoing_proxy" });
    expect(row.evidence).toStartWith("HTTPS_PROXY names a SOCKS proxy");
    expect(JSON.stringify(row)).not.toContain("hunter2");
  });

  const refusals: [number: string, cure: string][] = [
    ["AADSTS65001", "Grant admin consent"],
    ["AADSTS53003", "Conditional Access policy blocks it"],
    ["AADSTS50076", "asks for a second factor"],
    ["AADSTS50105", "requires assignment"],
    ["AADSTS1", "look it up"],
  ];
  for (const [number, cure] of refusals) {
    test(`a directory look-up that Entra refused with ${number} has its own cure`, async () => {
      const row = await world({ consentTrouble: number }).row("consent");
      expect(row).toMatchObject({ state: "warning", evidence: expect.stringContaining(number) });
      expect(row.cure).toContain(cure);
    });
  }

  const rights: [revoked: string[], state: string, says: string[]][] = [
    [[], "ok", []],
    [["TeamsActivity.Send"], "problem", ["TeamsActivity.Send is missing.", "Nobody can be notified."]],
    [["AppCatalog.Read.All"], "warning", ["AppCatalog.Read.All is missing.", "cannot be found"]],
    [["TeamsActivity.Send", "AppCatalog.Read.All"], "problem", ["No right is granted.", "is missing."]],
  ];
  for (const [revoked, state, says] of rights) {
    test(`without ${revoked.join(" and ") || "nothing"}, the row about rights is ${state}`, async () => {
      const { row } = await setUp();
      const [app] = tenant.applications.values();
      for (const role of revoked) tenant.revokeRole(app?.appId ?? "", role);
      const seen = await row("roles");
      expect(seen.state).toBe(state);
      for (const words of says) expect(seen.evidence).toContain(words);
    });
  }

  test("a permission that no setting needs is not missed", async () => {
    const { row, change } = await setUp();
    const [app] = tenant.applications.values();
    tenant.revokeRole(app?.appId ?? "", "TeamsActivity.Send");
    change({ disable_user_activity_notifications: true });
    expect((await row("roles")).state).toBe("ok");
  });

  test("a suspicious value is a warning beside valid settings", async () => {
    const at = await setUp();
    expect((await at.row("settings")).state).toBe("ok");
    at.change({ m365_client_secret_2: crypto.randomUUID() });
    const row = await at.row("settings");
    expect(row).toMatchObject({ state: "warning", setting: "m365_client_secret_2" });
    expect(row.evidence).toContain("looks like the ID of the secret");
  });

  test("rows are in the language of the request", async () => {
    const at = await setUp({ frameAncestors: ancestors });
    const evidence = async (language: string) => {
      const { answer } = await at.ask("POST", "/api/v1/checks", undefined, { "Accept-Language": language });
      const row = answer.report.rows.find(({ id }: { id: string }) => id === "licence");
      return `${row.title}: ${row.evidence}`;
    };
    expect(await evidence("de-AT,de;q=0.9")).toBe("Lizenz: Alles funktioniert ohne Mattermost-Lizenz.");
    expect(await evidence("ja")).toContain("ライセンス");
    expect(await evidence("pt-BR")).toBe("Licence: Everything works without a Mattermost licence.");
  });

  test("the stored report has codes, not sentences", async () => {
    const at = await setUp();
    at.change({ m365_tenant_id: "not a guid" });
    await at.ask("POST", "/api/v1/checks");
    const row = (await at.admin.checks.latest())?.rows.find(({ id }) => id === "settings");
    expect(row?.problems).toContainEqual(
      expect.objectContaining({ setting: "m365_tenant_id", code: "guid" }),
    );
    const { answer } = await at.ask("GET", "/api/v1/checks", undefined, { "Accept-Language": "fr" });
    const said = answer.report.rows.find(({ id }: { id: string }) => id === "settings");
    expect(said.evidence).toContain("m365_tenant_id doit être un GUID");
  });

  test("http is a problem", async () => {
    expect(await world({ siteUrl: "http://chat.sandbox.example" }).row("site_url")).toMatchObject({
      state: "problem",
      cure: expect.stringContaining("https"),
    });
  });

  test("the support packet begins with a page that tools can read", async () => {
    const { admin, ask } = await setUp();
    await ask("POST", "/api/v1/checks");
    const [first] = await admin.supportData();
    expect(first?.Filename).toBe("mission-collaboration/diagnostics.yaml");
    const page = Bun.YAML.parse(new TextDecoder().decode(first?.Body));
    expect(page).toMatchObject({
      mattermost: "11.6.0",
      microsoft_cloud: "custom",
      credentials: ["secret"],
      checks: { credential: "ok", licence: "ok" },
    });
  });

  test("the report can be mailed: neither it nor the support packet contains a secret", async () => {
    const { ask, admin, settings } = await setUp({ settings: { outgoing_proxy: "" } });
    const { answer } = await ask("GET", "/api/v1/checks/report");
    expect(answer).toContain("PROBLEM  App in the Teams catalog");
    const packet = (await admin.supportData()).map(({ Body }) => new TextDecoder().decode(Body)).join("\n");
    expect(packet).toContain('"m365_client_secret": "[redacted]"');
    for (const text of [answer, packet]) {
      expect(text).not.toContain(String(settings().m365_client_secret));
      expect(text).not.toMatch(/eyJ[\w-]+\./);
    }
  });
});
