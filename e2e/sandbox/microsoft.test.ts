import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { Entra } from "./entra/server.ts";
import { badTokens } from "./entra/tab-tokens.ts";
import { publishPackage } from "./graph/catalog.ts";
import { Graph } from "./graph/server.ts";
import { GRAPH_CLI_APP_ID, Tenant } from "./tenant.ts";
import { Authority } from "./tls/authority.ts";
import { TlsServer } from "./tls/server.ts";
import { WireLog } from "./wire-log.ts";

const authority = new Authority("Sandbox Root");
const tenant = new Tenant("sandbox.example");
const entra = new Entra(tenant, authority, new WireLog());
const graph = new Graph(tenant, entra, authority);
entra.listen();
graph.listen();
afterAll(() => {
  entra.close();
  graph.close();
});
const tls = { ca: authority.certificate };
const ana = tenant.addPerson({ displayName: "Ana", userPrincipalName: "ana@sandbox.example" });
const boss = tenant.addPerson({
  displayName: "Boss",
  userPrincipalName: "boss@sandbox.example",
  roles: ["Global Administrator"],
});
const { app, secret } = tenant.register("Mattermost", "localhost");

async function token(form: Record<string, string>) {
  const body = new URLSearchParams(form);
  const response = await fetch(`${entra.url}/${tenant.id}/oauth2/v2.0/token`, { method: "POST", body, tls });
  const answer = (await response.json()) as { access_token?: string; error?: string };
  return { status: response.status, ...answer };
}
const ownToken = (more: Record<string, string> = {}) =>
  token({
    grant_type: "client_credentials",
    client_id: app.appId,
    client_secret: secret,
    scope: `${graph.url}/.default`,
    ...more,
  });
async function ask(method: string, path: string, bearer: string, body?: unknown) {
  const response = await fetch(`${graph.url}/v1.0${path}`, {
    method,
    headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    tls,
  });
  const text = await response.text();
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    body: text === "" ? null : JSON.parse(text),
  };
}

beforeEach(() => {
  entra.healthy();
  graph.healthy();
  graph.throttle.enabled = false;
});

describe("Entra", () => {
  for (const version of [1, 2] as const) {
    test(`issues a v${version} token that verifies with its published keys and metadata`, async () => {
      const path = version === 2 ? "v2.0/.well-known" : ".well-known";
      const response = await fetch(`${entra.url}/${tenant.id}/${path}/openid-configuration`, { tls });
      const metadata = (await response.json()) as { issuer: string; jwks_uri: string };
      const keys = (await (await fetch(metadata.jwks_uri, { tls })).json()) as { keys: { kid: string }[] };
      const issued = entra.tabToken(app, ana, { version });
      const header = JSON.parse(Buffer.from(issued.split(".")[0] ?? "", "base64url").toString());
      const claims = JSON.parse(Buffer.from(issued.split(".")[1] ?? "", "base64url").toString());
      expect(keys.keys.map((key) => key.kid)).toContain(header.kid);
      expect(claims.iss).toBe(metadata.issuer);
      expect(claims.aud).toBe(version === 2 ? app.appId : `api://localhost/${app.appId}`);
    });
  }

  test("issues a token of every bad kind, and none equals a good one", () => {
    const good = entra.tabToken(app, ana);
    for (const kind of badTokens) {
      const bad = entra.tabToken(app, ana, { kind });
      expect(bad.split(".").slice(0, 2).join(".")).not.toBe(good.split(".").slice(0, 2).join("."));
    }
    expect(badTokens.length).toBeGreaterThan(25);
  });

  test("issues roles to an app for the right secret only", async () => {
    const good = await ownToken();
    expect(good.status).toBe(200);
    expect(entra.readGraphToken(good.access_token ?? "")?.roles).toEqual([
      "TeamsActivity.Send",
      "AppCatalog.Read.All",
    ]);
    expect(await ownToken({ client_secret: "wrong" })).toMatchObject({
      status: 401,
      error: "invalid_client",
    });
    expect(await ownToken({ client_id: crypto.randomUUID() })).toMatchObject({
      error: "unauthorized_client",
    });
    expect(await ownToken({ scope: "https://graph.microsoft.com/.default" })).toMatchObject({
      error: "invalid_scope",
    });
  });

  const onBehalfOf = (assertion: string) =>
    token({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      requested_token_use: "on_behalf_of",
      client_id: app.appId,
      client_secret: secret,
      scope: "User.Read",
      assertion,
    });
  test("acts on behalf of a person with their token, and reads their directory entry", async () => {
    const granted = await onBehalfOf(entra.tabToken(app, ana));
    expect((await ask("GET", "/me", granted.access_token ?? "")).body).toMatchObject({
      mail: "ana@sandbox.example",
    });
    expect(await onBehalfOf(entra.tabToken(app, ana, { kind: "unknown key" }))).toMatchObject({
      error: "invalid_grant",
    });
  });
  test("asks for consent or for more of the person on demand", async () => {
    entra.setFaults({ consent: "missing" });
    expect(await onBehalfOf(entra.tabToken(app, ana))).toMatchObject({ suberror: "consent_required" });
    entra.setFaults({ consent: "interaction needed" });
    expect(await onBehalfOf(entra.tabToken(app, ana))).toMatchObject({
      error: "interaction_required",
      claims: expect.any(String),
    });
  });

  test("signs a device in once its code was confirmed", async () => {
    const start = await fetch(`${entra.url}/${tenant.id}/oauth2/v2.0/devicecode`, {
      method: "POST",
      body: new URLSearchParams({ client_id: GRAPH_CLI_APP_ID, scope: "Application.ReadWrite.All" }),
      tls,
    });
    const { device_code, user_code } = (await start.json()) as { device_code: string; user_code: string };
    const redeem = () =>
      token({
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        client_id: GRAPH_CLI_APP_ID,
        device_code,
      });
    expect(await redeem()).toMatchObject({ status: 400, error: "authorization_pending" });
    expect(entra.deviceCodes.answer(user_code, boss.objectId)).toBe(true);
    const granted = await redeem();
    expect(entra.readGraphToken(granted.access_token ?? "")?.scp).toEqual(["Application.ReadWrite.All"]);
    expect(await redeem()).toMatchObject({ error: "bad_verification_code" });
  });

  test("keeps old tokens valid over a rotation, unless the old key is withdrawn", async () => {
    const before = (await ownToken()).access_token ?? "";
    entra.rotateKeys();
    expect(entra.readGraphToken(before)).not.toBeNull();
    entra.rotateKeys({ keepOld: false });
    expect(entra.readGraphToken(before)).toBeNull();
  });

  test("can be stopped, and starts again at the same address", async () => {
    const url = `${entra.url}/${tenant.id}/discovery/keys`;
    entra.setFaults({ unreachable: true });
    await expect(fetch(url, { tls })).rejects.toThrow();
    entra.healthy();
    expect((await fetch(url, { tls })).status).toBe(200);
  });
});

describe("Graph's activity feed", () => {
  const catalogId = crypto.randomUUID();
  tenant.catalog.set(catalogId, {
    id: catalogId,
    externalId: crypto.randomUUID(),
    displayName: "Mattermost",
    entraAppId: app.appId,
    definitions: [],
    icons: { color: "", outline: "" },
    languages: new Map([
      ["de", { "activities.activityTypes[0].templateText": "{author} hat Sie in {channel} erwähnt" }],
    ]),
    manifest: {
      id: "",
      version: "1.0.0",
      name: { short: "Mattermost" },
      description: { short: "", full: "" },
      accentColor: "#000000",
      activities: {
        activityTypes: [
          { type: "mention", description: "Mentions", templateText: "{author} mentioned you in {channel}" },
        ],
      },
    },
  });
  const body = (change: object = {}) => ({
    topic: { source: "text", value: "Town Square", webUrl: "https://teams.example/l/entity/a/b" },
    activityType: "mention",
    previewText: { content: "see the plan" },
    templateParameters: [
      { name: "author", value: "Ben" },
      { name: "channel", value: "Town Square" },
    ],
    teamsAppId: catalogId,
    recipients: [{ "@odata.type": "microsoft.graph.aadUserNotificationRecipient", userId: ana.objectId }],
    ...change,
  });
  const send = async (change: object = {}) =>
    ask(
      "POST",
      "/teamwork/sendActivityNotificationToRecipients",
      (await ownToken()).access_token ?? "",
      body(change),
    );

  test("shows an accepted activity to those who have the app", async () => {
    tenant.installFor(ana.objectId, catalogId);
    const before = tenant.activities.length;
    const both = [ana, boss].map((each) => ({
      "@odata.type": "microsoft.graph.aadUserNotificationRecipient",
      userId: each.objectId,
    }));
    expect((await send({ recipients: both })).status).toBe(202);
    expect(tenant.activities.slice(before)).toMatchObject([
      { recipientId: ana.objectId, text: "Ben mentioned you in Town Square", preview: "see the plan" },
    ]);
  });

  test("replaces an activity with the same chain id", async () => {
    await send({ chainId: 7 });
    const count = tenant.activities.length;
    await send({ chainId: 7 });
    expect(tenant.activities.length).toBe(count);
  });

  const recipients = Array.from({ length: 101 }, () => body().recipients[0]);
  const refused: [string, object, number][] = [
    ["an undeclared activity type", { activityType: "unheard_of" }, 400],
    ["a missing parameter", { templateParameters: [] }, 400],
    [
      "a link of 1,025 characters",
      { topic: { source: "text", value: "x", webUrl: `https://${"x".repeat(1017)}` } },
      400,
    ],
    ["text without a link", { topic: { source: "text", value: "x" } }, 400],
    ["101 recipients", { recipients }, 400],
    ["no recipients", { recipients: [] }, 400],
    ["another app's catalog id", { teamsAppId: crypto.randomUUID() }, 403],
  ];
  for (const [name, change, status] of refused)
    test(`refuses ${name}`, async () => expect((await send(change)).status).toBe(status));

  test("refuses a token with less than 45 minutes left", async () => {
    entra.setFaults({ tokenLifetime: 44 * 60 });
    expect((await send()).status).toBe(412);
  });
  test("refuses an app without the role", async () => {
    tenant.revokeRole(app.appId, "TeamsActivity.Send");
    const answer = await send();
    tenant.grantRole(app.appId, "TeamsActivity.Send");
    expect(answer).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringContaining("Missing role") } },
    });
  });
  test("refuses the third request within a second, and says how long to wait", async () => {
    graph.throttle.enabled = true;
    const answers = [await send(), await send(), await send()];
    expect(answers.map((each) => each.status)).toEqual([202, 202, 429]);
    expect(answers[2]?.retryAfter).toBe("1");
  });
  test("answers 404 for an unknown person and 403 for one without the app", async () => {
    const bearer = (await ownToken()).access_token ?? "";
    const to = (id: string) => ask("POST", `/users/${id}/teamwork/sendActivityNotification`, bearer, body());
    expect((await to(crypto.randomUUID())).status).toBe(404);
    expect((await to(boss.objectId)).status).toBe(403);
    expect((await to(ana.objectId)).status).toBe(204);
  });
});

test("the catalog refuses a broken package and names its faults", () => {
  expect(() => publishPackage(tenant, new TextEncoder().encode("no zip"), false)).toThrow(
    "could not be parsed",
  );
});

describe("subscriptions of Graph", () => {
  const site = new TlsServer(authority, async (request) => {
    const token = new URL(request.url).searchParams.get("validationToken") ?? "";
    const { pathname } = new URL(request.url);
    if (pathname === "/html") return new Response(token, { headers: { "Content-Type": "text/html" } });
    if (pathname === "/raw") return new Response(encodeURIComponent(token));
    if (pathname === "/error") return new Response(token, { status: 500 });
    return new Response(token, { headers: { "Content-Type": "text/plain" } });
  });
  site.listen(0);
  afterAll(() => site.close());
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  const wish = (more: Record<string, unknown> = {}) => ({
    changeType: "created",
    notificationUrl: `${site.url}/changes`,
    lifecycleNotificationUrl: `${site.url}/lifecycle`,
    resource: "/chats/getAllMessages",
    expirationDateTime: inMinutes(4_200),
    clientState: "secret",
    ...more,
  });
  const subscribe = async (more: Record<string, unknown> = {}) =>
    ask("POST", "/subscriptions", (await ownToken()).access_token ?? "", wish(more));
  beforeEach(() => {
    graph.subscriptions.all.clear();
    tenant.revokeRole(app.appId, "Chat.Read.All");
    tenant.grantRole(app.appId, "Chat.Read.All");
  });

  test("are created, renewed, listed without their secret, and deleted", async () => {
    const made = await subscribe();
    expect(made).toMatchObject({ status: 201, body: { clientState: "secret" } });
    const bearer = (await ownToken()).access_token ?? "";
    const path = `/subscriptions/${made.body.id}`;
    expect((await ask("PATCH", path, bearer, { expirationDateTime: inMinutes(60) })).status).toBe(200);
    expect((await ask("PATCH", path, bearer, { clientState: "x" })).status).toBe(400);
    expect((await ask("GET", "/subscriptions", bearer)).body.value).toMatchObject([{ clientState: null }]);
    expect((await ask("DELETE", path, bearer)).status).toBe(204);
    expect((await ask("PATCH", path, bearer, { expirationDateTime: inMinutes(60) })).status).toBe(404);
  });

  const refused: [name: string, more: Record<string, unknown>, status: number][] = [
    ["http", { notificationUrl: "http://chat.example.com/x" }, 400],
    ["no lifecycle address for more than an hour", { lifecycleNotificationUrl: undefined }, 400],
    ["a week for chats", { expirationDateTime: inMinutes(10_080) }, 400],
    ["the past", { expirationDateTime: inMinutes(-1) }, 400],
    ["a long client state", { clientState: "x".repeat(129) }, 400],
    ["an unknown resource", { resource: "/drives/1/root" }, 400],
    ["an unknown change", { changeType: "moved" }, 400],
    ["contents without certificate", { includeResourceData: true }, 400],
    [
      "a certificate that is none",
      { includeResourceData: true, encryptionCertificate: "AAAA", encryptionCertificateId: "1" },
      400,
    ],
    ["events with contents and no $select", { resource: "/users/1/events", includeResourceData: true }, 400],
    ["somebody's own events for the app", { resource: "/me/events" }, 400],
    ["a missing permission", { resource: "/teams/1/channels/2/messages" }, 403],
    ["a handshake as HTML", { notificationUrl: `${site.url}/html` }, 400],
    ["a handshake that is not decoded", { notificationUrl: `${site.url}/raw` }, 400],
    ["a handshake with an error", { lifecycleNotificationUrl: `${site.url}/error` }, 400],
    ["nobody there", { notificationUrl: "https://localhost:1/x" }, 400],
  ];
  for (const [name, more, status] of refused) {
    test(`are refused for ${name}: ${status}`, async () => {
      expect((await subscribe(more)).status).toBe(status);
      expect(graph.subscriptions.all.size).toBe(0);
    });
  }

  test("are limited to one for each app and resource", async () => {
    expect((await subscribe()).status).toBe(201);
    expect((await subscribe({ resource: "chats/getallmessages" })).status).toBe(403);
  });

  test("without a lifecycle address last an hour", async () => {
    const more = { lifecycleNotificationUrl: undefined, expirationDateTime: inMinutes(50) };
    expect((await subscribe(more)).status).toBe(201);
  });
});
