/** The admin's side against Entra and Graph stand-ins over TLS: real requests, real tokens, faults on command. */

import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { Entra } from "../../e2e/sandbox/entra/server.ts";
import { Graph } from "../../e2e/sandbox/graph/server.ts";
import { Tenant } from "../../e2e/sandbox/tenant.ts";
import { Authority } from "../../e2e/sandbox/tls/authority.ts";
import { WireLog } from "../../e2e/sandbox/wire-log.ts";
import { buildConfig, hostClientIds } from "../config/index.ts";
import { createAppTokens } from "../entra/app-token.ts";
import { createGraph } from "../graph/index.ts";
import { outgoingFetch } from "../network/index.ts";
import { compareVersions, createTeamsApp } from "../teams-app/index.ts";
import { type AdminHost, createAdmin } from "./index.ts";

// Keys, TLS and schemas cost a second of a crowded machine.
setDefaultTimeout(30_000);

const ADMIN = "a".repeat(26);
const OTHER_ADMIN = "b".repeat(26);
const SITE = "https://chat.sandbox.example";

const authority = new Authority("Sandbox Root");
const tenant = new Tenant("sandbox.example");
const entra = new Entra(tenant, authority, new WireLog());
const graph = new Graph(tenant, entra, authority, new WireLog());
entra.listen();
graph.listen();
afterAll(() => {
  entra.close();
  graph.close();
});
const boss = tenant.addPerson({
  displayName: "Boss",
  userPrincipalName: "boss@sandbox.example",
  roles: ["Global Administrator"],
});
const ana = tenant.addPerson({ displayName: "Ana", userPrincipalName: "ana@sandbox.example" });

beforeEach(() => {
  entra.healthy();
  graph.healthy();
  graph.throttle.enabled = false;
  for (const map of [tenant.applications, tenant.catalog, tenant.secrets]) map.clear();
  for (const [id, principal] of tenant.servicePrincipals) {
    if (principal !== tenant.graphPrincipal) tenant.servicePrincipals.delete(id);
  }
  tenant.appRoleAssignments.length = 0;
  tenant.grants.length = 0;
});

interface Start {
  settings?: Record<string, unknown>;
  locked?: boolean;
  earlier?: Record<string, Record<string, unknown>>;
  frameAncestors?: string;
  siteUrl?: string;
}

/** Mattermost as far as this room sees it: settings, a key-value store, admins. */
function world({
  settings: given = {},
  locked = false,
  earlier = {},
  frameAncestors = "",
  siteUrl = SITE,
}: Start = {}) {
  let settings: Record<string, unknown> = {
    national_cloud: "custom",
    custom_login_url: entra.url,
    custom_graph_url: graph.url,
    custom_teams_url: "https://teams.sandbox.example",
    custom_ca_certificates: authority.certificate,
    ...given,
  };
  const listeners = new Set<(next: never, previous: never) => void>();
  let current = buildConfig(settings, { siteUrl });
  const store = new Map<string, Uint8Array>();
  const messages: string[] = [];
  const audits: { EventName?: string; Status?: string; EventData?: unknown }[] = [];
  let now = Date.now();

  const config = {
    get current() {
      return current;
    },
    onChange: (listener: (next: never, previous: never) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const bytes = (value: Uint8Array | string) =>
    typeof value === "string" ? new TextEncoder().encode(value) : value;
  const kv = {
    get: async (key: string) => store.get(key) ?? null,
    set: async (key: string, value: Uint8Array | string) => void store.set(key, bytes(value)),
    delete: async (key: string) => void store.delete(key),
    async compareAndSet(key: string, expected: Uint8Array | null, next: Uint8Array | null) {
      if (Buffer.compare(store.get(key) ?? Buffer.from("-"), expected ?? Buffer.from("-")) !== 0)
        return false;
      if (next) store.set(key, next);
      return true;
    },
  };
  const server = {
    ServiceSettings: { SiteURL: siteUrl, FrameAncestors: frameAncestors, AllowCookiesForSubdomains: false },
  };
  const api = {
    hasPermissionTo: async (userId: string) => userId === ADMIN || userId === OTHER_ADMIN,
    getConfig: async () => server,
    getUnsanitizedConfig: async () => ({ ...server, PluginSettings: { Plugins: earlier } }),
    loadPluginConfiguration: async () => ({ ...settings }),
    async savePluginConfig(next: Record<string, unknown>) {
      if (locked) throw new Error("read-only");
      settings = next;
      const previous = current;
      current = buildConfig(settings, { siteUrl });
      for (const listener of listeners) listener(current as never, previous as never);
    },
    logAuditRec: async (record: (typeof audits)[number]) => void audits.push(record),
    ensureBotUser: async () => "bot",
    getUsers: async () => [{ Id: ADMIN }, { Id: OTHER_ADMIN }],
    getDirectChannel: async (_bot: string, userId: string) => ({ Id: `dm-${userId}` }),
    createPost: async ({ ChannelId, Message }: { ChannelId: string; Message: string }) =>
      void messages.push(`${ChannelId} ${Message}`),
    getUser: async (userId: string) =>
      userId === "g".repeat(26)
        ? null
        : { Id: userId, DeleteAt: userId.startsWith("d") ? 1 : 0, IsBot: false },
  };
  const microsoft = outgoingFetch(config as never, {});
  let site = () => new Response("ok");
  /** The site's own front, which nothing listens for here; everything else goes over the wire. */
  const fetch: typeof microsoft = async (url, init) =>
    new URL(url).host === "chat.sandbox.example" ? site() : microsoft(url, init);
  const tokens = createAppTokens({ config: config as never, fetch });
  const teamsApp = createTeamsApp({
    config: config as never,
    store: kv,
    asset: (name) => readFile(new URL(`../../assets/${name}`, import.meta.url)),
    now: () => new Date(now),
  });
  const links = new Map<string, { objectId: string }>();
  const admin = createAdmin({
    api,
    kv,
    cluster: {
      lock: async () => ({ release: async () => {} }),
      runOnOneNode: () => ({ stop: async () => {} }),
    },
    log: { info() {}, warn() {} },
    supports: async () => true,
    serverVersion: async () => "11.6.0",
    config,
    fetch,
    proxyEnvironment: {},
    tokens,
    graph: createGraph({ config: config as never, tokens, fetch }),
    teamsApp,
    compareVersions,
    links: {
      byMattermostUser: async (ids: string[]) =>
        new Map(ids.flatMap((id) => (links.has(id) ? [[id, links.get(id)]] : []))),
      changed() {},
      store: {
        read: async ({ objectId }: { objectId: string }) => {
          const found = [...links].find(([, link]) => link.objectId === objectId);
          return found ? { record: { userId: found[0] } } : null;
        },
        async claim(person: { objectId: string }, userId: string) {
          links.set(userId, { objectId: person.objectId });
          return { outcome: "linked", seen: { record: { userId } } };
        },
      },
    },
    now: () => new Date(now),
  } as unknown as AdminHost);

  async function ask(method: string, path: string, body?: unknown, userId = ADMIN) {
    const request = new Request(`${SITE}${path}`, {
      method,
      headers: { "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await admin.routes.fetch(request, { userId, RequestId: "req1" });
    const type = response.headers.get("Content-Type") ?? "";
    // biome-ignore lint/suspicious/noExplicitAny: answers of a dozen shapes, each compared whole
    const answer: any = type.startsWith("application/json") ? await response.json() : await response.text();
    return { status: response.status, answer };
  }

  return {
    admin,
    ask,
    messages,
    audits,
    links,
    store,
    settings: () => settings,
    siteAnswers: (answer: () => Response) => {
      site = answer;
    },
    change: (changes: Record<string, unknown>) => {
      settings = { ...settings, ...changes };
      current = buildConfig(settings, { siteUrl });
      tokens.forget();
    },
    pass: (ms: number) => {
      now += ms;
    },
    /** The dialog: device code shown, entered elsewhere by this person, seen by the console. */
    async signIn(purpose: "setup" | "publish", person = boss) {
      const started = await ask("POST", "/api/v1/admin/microsoft", { purpose });
      expect(started.answer).toMatchObject({ state: "pending", verificationUri: `${entra.url}/devicelogin` });
      expect(JSON.stringify(started.answer)).not.toContain("device_code");
      entra.deviceCodes.answer(started.answer.userCode, person.objectId);
      now += 6_000;
      const looked = await ask("GET", `/api/v1/admin/microsoft/${started.answer.id}`);
      expect(looked.answer.signIn).toMatchObject({ state: "signed_in", account: person.userPrincipalName });
      return `/api/v1/admin/microsoft/${started.answer.id}`;
    },
    async settled(dialog: string) {
      for (;;) {
        const { answer } = await ask("GET", dialog);
        if (answer.run.state !== "running") return answer.run;
        await Bun.sleep(5);
      }
    },
    row: async (id: string) => {
      const { answer } = await ask("POST", "/api/v1/checks");
      return answer.report.rows.find((row: { id: string }) => row.id === id);
    },
  };
}

const fresh = { registration: "new", secretMonths: 12 };
const repair = { registration: "existing", secretMonths: null };
const actions = (steps: { kind: string; action: string }[]) =>
  Object.fromEntries(steps.map(({ kind, action }) => [kind, action]));

/** A server whose registration the set-up has made. */
async function setUp(start: Start = {}) {
  const at = world(start);
  const dialog = await at.signIn("setup");
  await at.ask("POST", `${dialog}/apply`, fresh);
  expect(await at.settled(dialog)).toMatchObject({ state: "done", deferred: [] });
  return { ...at, dialog };
}

describe("the set-up", () => {
  test("a dry run lists everything and changes nothing", async () => {
    const { ask, signIn } = world();
    const { answer } = await ask("POST", `${await signIn("setup")}/plan`, fresh);
    expect(Object.values(actions(answer.steps)).every((action) => action === "create")).toBe(true);
    expect(tenant.applications.size).toBe(0);
  });

  test("makes the registration whole, and fills in the settings", async () => {
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

  test("a second time there is nothing to do", async () => {
    const { ask, dialog } = await setUp();
    const { answer } = await ask("POST", `${dialog}/plan`, repair);
    expect(new Set(Object.values(actions(answer.steps)))).toEqual(new Set(["keep"]));
  });

  test("repairs what is missing and leaves what others added", async () => {
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

  for (const failPath of ["/servicePrincipals", "/addPassword"]) {
    test(`takes everything back when ${failPath} fails`, async () => {
      const { ask, signIn, settled, settings } = world();
      const dialog = await signIn("setup");
      await ask("POST", `${dialog}/plan`, fresh);
      // Reading Graph's own principal comes first and has to work.
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

  test("consent that this admin may not give is left to another, and says so", async () => {
    const { ask, signIn, settled } = world();
    const dialog = await signIn("setup");
    const applying = ask("POST", `${dialog}/apply`, fresh);
    graph.setFaults({ status: 403, failPath: "/appRoleAssignedTo" });
    await applying;
    expect(await settled(dialog)).toMatchObject({ state: "done", deferred: ["roles"] });
    expect(tenant.applications.size).toBe(1);
  });

  test("can be undone", async () => {
    const { ask, dialog, settings } = await setUp();
    const { answer } = await ask("POST", `${dialog}/undo`);
    expect(answer).toMatchObject({ state: "undone", leftBehind: [] });
    expect(tenant.applications.size).toBe(0);
    expect(settings().m365_client_id).toBeUndefined();
    expect((await ask("POST", `${dialog}/undo`)).status).toBe(400);
  });

  test("locked settings: the values are shown once, to copy", async () => {
    const { ask, signIn, settled } = world({ locked: true });
    const dialog = await signIn("setup");
    await ask("POST", `${dialog}/apply`, fresh);
    const run = await settled(dialog);
    expect(run).toMatchObject({ state: "done", copy: { m365_tenant_id: tenant.id } });
    expect(run.copy.m365_client_secret).toBeString();
  });

  test("an http site URL is refused before anything is made", async () => {
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
      const { status, answer } = await ask(method, dialog + path, body, OTHER_ADMIN);
      expect([status, answer.code]).toEqual([409, "sign_in_unknown"]);
    }
  });

  test("is for one purpose", async () => {
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

describe("publishing", () => {
  test("first, then an update with a higher version, then nothing to do", async () => {
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

  test("for review", async () => {
    const { ask, signIn } = await setUp();
    const { answer } = await ask("POST", `${await signIn("publish")}/publish`, { review: true });
    expect(answer.action).toBe("submitted");
    expect([...tenant.catalog.values()][0]?.definitions[0]?.publishingState).toBe("submitted");
  });

  test("somebody who is no Teams administrator is refused in Microsoft's own words", async () => {
    const { ask, signIn } = await setUp();
    const { status, answer } = await ask("POST", `${await signIn("publish", ana)}/publish`, {
      review: false,
    });
    expect([status, answer.code]).toEqual([424, "microsoft_refused"]);
    expect(answer.detail).toContain("403");
    expect(tenant.catalog.size).toBe(0);
  });

  test("is not offered where there is no catalog API", async () => {
    const { ask, signIn, change } = await setUp();
    const dialog = await signIn("publish");
    change({ national_cloud: "china" });
    expect((await ask("POST", `${dialog}/publish`, { review: false })).answer.code).toBe("not_configured");
  });
});

describe("checks", () => {
  const ancestors = "https://teams.sandbox.example";

  test("a finished set-up is green where it can be looked at", async () => {
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
      // Application.Read.All is not asked for: the app cannot see its own registration, and that is fine.
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

  const headers: [name: string, answer: () => Response, row: string, state: string, says: string][] = [
    [
      "a proxy that adds X-Frame-Options",
      () => new Response("", { headers: { "X-Frame-Options": "DENY" } }),
      "frame_headers",
      "problem",
      "X-Frame-Options: DENY",
    ],
    [
      "a proxy that replaces the policy",
      () => new Response("", { headers: { "Content-Security-Policy": "frame-ancestors 'self'" } }),
      "frame_headers",
      "problem",
      "lack https://teams.sandbox.example",
    ],
    [
      "a policy with the hosts",
      () =>
        new Response("", { headers: { "Content-Security-Policy": `frame-ancestors 'self' ${ancestors}` } }),
      "frame_headers",
      "ok",
      "forbids",
    ],
    [
      "a proxy's own error page",
      () => new Response("", { status: 502 }),
      "site_reachable",
      "problem",
      "answered 502",
    ],
    [
      "a name that this server cannot reach",
      () => {
        throw new Error("ENOTFOUND");
      },
      "site_reachable",
      "warning",
      "cannot reach",
    ],
    [
      "a certificate that is not trusted",
      () => {
        throw new Error("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
      },
      "site_reachable",
      "problem",
      "not trusted",
    ],
  ];
  for (const [name, answer, id, state, says] of headers) {
    test(name, async () => {
      const at = world();
      at.siteAnswers(answer);
      expect(await at.row(id)).toMatchObject({ state, evidence: expect.stringContaining(says) });
    });
  }

  test("http is a problem", async () => {
    expect(await world({ siteUrl: "http://chat.sandbox.example" }).row("site_url")).toMatchObject({
      state: "problem",
      cure: expect.stringContaining("https"),
    });
  });

  test("the report can be mailed: no secret is in it, nor in the support packet", async () => {
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

  test("problems reach the admins as one message each, once", async () => {
    const at = await setUp({ frameAncestors: ancestors });
    // The days that pass here put this clock off Microsoft's, which is news too.
    const about = (title: string) => at.messages.filter((text) => text.includes(`**${title}**`)).length;
    await at.admin.checks.daily();
    expect([at.messages.length, about("App in the Teams catalog")]).toEqual([2, 2]);
    at.pass(25 * 3_600_000);
    await at.admin.checks.daily();
    expect([about("Clock"), about("App in the Teams catalog")]).toEqual([2, 2]);
    at.change({ m365_client_secret: "wrong" });
    at.pass(25 * 3_600_000);
    await at.admin.checks.daily();
    expect([about("Clock"), about("Credential")]).toEqual([2, 2]);
  });

  test("a young run is not repeated by the daily job", async () => {
    const at = await setUp();
    await at.admin.checks.daily();
    const first = (await at.admin.checks.latest())?.at;
    at.pass(3_600_000);
    await at.admin.checks.daily();
    expect((await at.admin.checks.latest())?.at).toBe(first ?? "");
  });

  test("the end of the credential is told at 30, 7 and 1 days", async () => {
    const at = await setUp({ frameAncestors: ancestors });
    const about = () => at.messages.filter((text) => text.includes("Expiry of the credential")).length;
    const days = 86_400_000;
    for (const [pass, told] of [
      [300, 0],
      [36, 2],
      [1, 2],
      [22, 4],
      [1, 4],
      [5, 6],
    ] as const) {
      at.pass(pass * days);
      await at.admin.checks.daily();
      expect([pass, about()]).toEqual([pass, told]);
    }
  });

  test("nobody is told anything before the set-up", async () => {
    const at = world();
    await at.admin.checks.daily();
    expect(at.messages).toEqual([]);
  });
});

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
