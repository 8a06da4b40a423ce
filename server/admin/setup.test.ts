/** Tests set-up, Microsoft sign-in and publication against fake servers. */

import { describe, expect, test } from "bun:test";
import { hostClientIds } from "../microsoft/config/index.ts";
import {
  actions,
  ana,
  entra,
  fresh,
  graph,
  OTHER_ADMIN,
  openStage,
  repair,
  setUp,
  tenant,
  world,
} from "./testing/stage.ts";

openStage();

describe("the set-up", () => {
  test("a dry run lists everything and changes nothing", async () => {
    const { ask, signIn } = world();
    const { answer } = await ask("POST", `${await signIn("setup")}/plan`, fresh);
    expect(Object.values(actions(answer.steps)).every((action) => action === "create")).toBe(true);
    expect(tenant.applications.size).toBe(0);
  });

  test("creates the complete registration and fills in the settings", async () => {
    const { settings, audits } = await setUp();
    const [app] = [...tenant.applications.values()];
    expect(app?.api.requestedAccessTokenVersion).toBe(2);
    expect(app?.identifierUris).toEqual([`api://chat.sandbox.example/${app?.appId}`]);
    const [scope] = app?.api.oauth2PermissionScopes ?? [];
    expect(scope).toMatchObject({ value: "access_as_user", isEnabled: true });
    expect(app?.api.preAuthorizedApplications).toEqual(
      hostClientIds.map((appId) => ({ appId, delegatedPermissionIds: [String(scope?.id)] })),
    );
    expect(tenant.rolesOf(app?.appId ?? "")).toEqual(["TeamsActivity.Send", "AppCatalog.Read.All"]);
    expect(tenant.scopesOf(app?.appId ?? "")).toEqual(["User.Read", "openid", "profile", "offline_access"]);
    expect(settings()).toMatchObject({ m365_tenant_id: tenant.id, m365_client_id: app?.appId });
    expect(tenant.secrets.get(app?.appId ?? "")?.has(String(settings().m365_client_secret))).toBe(true);
    expect(settings().app_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(audits.at(-1)).toMatchObject({ EventName: "microsoft365_registration_set_up", Status: "success" });
    expect(JSON.stringify(audits)).not.toContain(String(settings().m365_client_secret));
  });

  test("repeated, has nothing to do", async () => {
    const { ask, dialog } = await setUp();
    const { answer } = await ask("POST", `${dialog}/plan`, repair);
    expect(new Set(Object.values(actions(answer.steps)))).toEqual(new Set(["keep"]));
  });

  test("repairs what is missing and keeps what others added", async () => {
    const { ask, dialog, settled } = await setUp();
    const [app] = [...tenant.applications.values()];
    if (!app) throw new Error("no registration");
    const stranger = { appId: "77777777-7777-4777-8777-777777777777", delegatedPermissionIds: ["x"] };
    const [scope] = app.api.oauth2PermissionScopes;
    stranger.delegatedPermissionIds = [String(scope?.id)];
    app.api.preAuthorizedApplications = [...app.api.preAuthorizedApplications.slice(1), stranger];
    app.identifierUris = [`api://old.example/${app.appId}`];
    tenant.revokeRole(app.appId, "TeamsActivity.Send");
    const { answer } = await ask("POST", `${dialog}/plan`, repair);
    expect(actions(answer.steps)).toMatchObject({
      application: "keep",
      identifier_uri: "change",
      clients: "change",
      roles: "change",
      scope: "keep",
      secret: "keep",
    });
    await ask("POST", `${dialog}/apply`, repair);
    expect(await settled(dialog)).toMatchObject({ state: "done" });
    expect(app.identifierUris).toEqual([
      `api://old.example/${app.appId}`,
      `api://chat.sandbox.example/${app.appId}`,
    ]);
    expect(app.api.preAuthorizedApplications).toContainEqual(stranger);
    expect(app.api.preAuthorizedApplications).toHaveLength(hostClientIds.length + 1);
    expect(tenant.rolesOf(app.appId).sort()).toEqual(["AppCatalog.Read.All", "TeamsActivity.Send"]);
  });

  const versions: [policy: string, version: number | null, action: string][] = [
    ["claim", 1, "keep"],
    ["claim", null, "change"],
    ["trust_entra", 1, "change"],
    ["never", 1, "change"],
    ["claim", 2, "keep"],
  ];
  for (const [policy, version, action] of versions) {
    test(`policy ${policy} for second factors, tokens of version ${version}: ${action}`, async () => {
      const { ask, change, dialog } = await setUp();
      change({ mfa_accounts: policy });
      const [app] = tenant.applications.values();
      if (!app) throw new Error("no registration");
      app.api.requestedAccessTokenVersion = version;
      const { answer } = await ask("POST", `${dialog}/plan`, repair);
      expect(actions(answer.steps).token_version).toBe(action);
      await ask("POST", `${dialog}/apply`, repair);
    });
  }

  for (const failPath of ["/servicePrincipals", "/addPassword"]) {
    test(`undoes everything when ${failPath} fails`, async () => {
      const { ask, signIn, settled, settings } = world();
      const dialog = await signIn("setup");
      await ask("POST", `${dialog}/plan`, fresh);
      // Reading Graph's own principal comes first and must succeed.
      const started = ask("POST", `${dialog}/apply`, fresh);
      await started;
      graph.setFaults({ status: 500, failPath });
      const run = await settled(dialog);
      expect(run.state).toBe("failed");
      expect(run.progress.some(({ says }: { says: string }) => says.includes("told to fail"))).toBe(true);
      graph.healthy();
      expect(tenant.applications.size).toBe(0);
      expect(tenant.grants).toEqual([]);
      expect(settings().m365_client_id).toBeUndefined();
    });
  }

  test("leaves permissions that this admin may not grant for another admin, and lists them", async () => {
    const { ask, signIn, settled } = world();
    const dialog = await signIn("setup");
    const applying = ask("POST", `${dialog}/apply`, fresh);
    graph.setFaults({ status: 403, failPath: "/appRoleAssignedTo" });
    await applying;
    expect(await settled(dialog)).toMatchObject({ state: "done", deferred: ["roles"] });
    expect(tenant.applications.size).toBe(1);
  });

  test("pressed twice at once, creates one registration", async () => {
    const at = world();
    const dialog = await at.signIn("setup");
    const answers = await Promise.all([1, 2].map(() => at.ask("POST", `${dialog}/apply`, fresh)));
    await at.settled(dialog);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 400]);
    expect(tenant.applications.size).toBe(1);
  });

  test("that could not begin can be repeated", async () => {
    const at = world();
    const dialog = await at.signIn("setup");
    graph.setFaults({ status: 403, failPath: "/servicePrincipals" });
    expect((await at.ask("POST", `${dialog}/apply`, fresh)).status).toBeGreaterThanOrEqual(400);
    graph.healthy();
    expect((await at.ask("POST", `${dialog}/apply`, fresh)).status).toBe(202);
    expect(await at.settled(dialog)).toMatchObject({ state: "done" });
  });

  test("can be undone", async () => {
    const { ask, dialog, settings } = await setUp();
    const { answer } = await ask("POST", `${dialog}/undo`);
    expect(answer).toMatchObject({ state: "undone", leftBehind: [] });
    expect(tenant.applications.size).toBe(0);
    expect(settings().m365_client_id).toBeUndefined();
    expect((await ask("POST", `${dialog}/undo`)).status).toBe(400);
  });

  test("with locked settings, shows the values once, to copy", async () => {
    const { ask, signIn, settled } = world({ locked: true });
    const dialog = await signIn("setup");
    await ask("POST", `${dialog}/apply`, fresh);
    const run = await settled(dialog);
    expect(run).toMatchObject({ state: "done", copy: { m365_tenant_id: tenant.id } });
    expect(run.copy.m365_client_secret).toBeString();
  });

  test("refuses an http site URL before anything is created", async () => {
    const { ask, signIn } = world({ siteUrl: "http://chat.sandbox.example" });
    const dialog = await signIn("setup");
    expect((await ask("POST", `${dialog}/apply`, fresh)).answer.code).toBe("site_url_invalid");
    expect(tenant.applications.size).toBe(0);
  });
});

describe("the Microsoft sign-in of a dialog", () => {
  test("belongs to one admin", async () => {
    const { ask, signIn } = world();
    const dialog = await signIn("setup");
    for (const [method, path] of [
      ["GET", ""],
      ["POST", "/plan"],
      ["POST", "/apply"],
      ["DELETE", ""],
    ] as const) {
      const body = method === "POST" ? fresh : undefined;
      const { status, answer } = await ask(method, dialog + path, body, { userId: OTHER_ADMIN });
      expect([status, answer.code]).toEqual([409, "sign_in_unknown"]);
    }
  });

  test("is valid for one purpose", async () => {
    const { ask, signIn } = world();
    const dialog = await signIn("publish");
    expect((await ask("POST", `${dialog}/apply`, fresh)).answer.code).toBe("sign_in_unknown");
  });

  test("can be declined", async () => {
    const { ask, pass } = world();
    const { answer } = await ask("POST", "/api/v1/admin/microsoft", { purpose: "setup" });
    entra.deviceCodes.answer(answer.userCode, null);
    pass(6_000);
    expect((await ask("GET", `/api/v1/admin/microsoft/${answer.id}`)).answer.signIn.state).toBe("declined");
  });

  test("waits as long as Entra asks, and expires", async () => {
    const { ask, pass } = world();
    const { answer } = await ask("POST", "/api/v1/admin/microsoft", { purpose: "setup" });
    const look = async () => (await ask("GET", `/api/v1/admin/microsoft/${answer.id}`)).answer.signIn.state;
    entra.setFaults({ status: 500 } as never);
    expect(await look()).toBe("pending");
    entra.healthy();
    pass(16 * 60_000);
    expect(await look()).toBe("expired");
  });

  test("ends with the dialog", async () => {
    const { ask, signIn } = world();
    const dialog = await signIn("setup");
    await ask("DELETE", dialog);
    expect((await ask("POST", `${dialog}/plan`, fresh)).status).toBe(409);
  });
});

describe("publishing to the catalog", () => {
  test("uploads first, then updates with a higher version, then has nothing to do", async () => {
    const { ask, signIn, change } = await setUp();
    const dialog = await signIn("publish");
    const publish = async () => (await ask("POST", `${dialog}/publish`, { review: false })).answer;
    expect(await publish()).toMatchObject({ action: "published", version: "1.0.0" });
    expect(await publish()).toMatchObject({ action: "unchanged", version: "1.0.0" });
    change({ app_name: "Chat" });
    expect(await publish()).toMatchObject({ action: "updated", version: "1.0.1" });
    const [app] = [...tenant.catalog.values()];
    expect(app?.definitions.map(({ version }) => version)).toEqual(["1.0.0", "1.0.1"]);
    expect(app?.displayName).toBe("Chat");
  });

  test("submits for review", async () => {
    const { ask, signIn } = await setUp();
    const { answer } = await ask("POST", `${await signIn("publish")}/publish`, { review: true });
    expect(answer.action).toBe("submitted");
    expect([...tenant.catalog.values()][0]?.definitions[0]?.publishingState).toBe("submitted");
  });

  test("somebody who is not a Teams administrator is refused in Microsoft's own words", async () => {
    const { ask, signIn } = await setUp();
    const { status, answer } = await ask("POST", `${await signIn("publish", ana)}/publish`, {
      review: false,
    });
    expect([status, answer.code]).toEqual([424, "microsoft_refused"]);
    expect(answer.detail).toContain("403");
    expect(tenant.catalog.size).toBe(0);
  });

  test("is not offered when there is no catalog API", async () => {
    const { ask, signIn, change } = await setUp();
    const dialog = await signIn("publish");
    change({ national_cloud: "china" });
    expect((await ask("POST", `${dialog}/publish`, { review: false })).answer.code).toBe("not_configured");
  });
});
