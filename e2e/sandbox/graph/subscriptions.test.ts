/** Checks that the fake Graph creates subscriptions as strictly as Graph. */

import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { testCloud } from "../test-cloud.ts";
import { TlsServer } from "../tls/server.ts";

const { authority, tenant, graph, app, ownToken, ask } = testCloud();

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
