/** Checks that the fake Graph refuses what Graph refuses, so that a product that passes here sends valid requests. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Entra } from "../entra/server.ts";
import { type Person, Tenant } from "../tenant.ts";
import { Authority } from "../tls/authority.ts";
import { WireLog } from "../wire-log.ts";
import type { Chat } from "./chats.ts";
import { Graph } from "./server.ts";

const authority = new Authority("Test Root");
const tenant = new Tenant("example.com");
const entra = new Entra(tenant, authority, new WireLog());
const graph = new Graph(tenant, entra, authority);
const { app, secret } = tenant.register("Mattermost", "localhost");
let ana: Person;
let ben: Person;
let chat: Chat;

beforeAll(() => {
  entra.listen();
  graph.listen();
  graph.throttle.enabled = false;
  ana = tenant.addPerson({ displayName: "Ana", userPrincipalName: "ana@example.com" });
  ben = tenant.addPerson({ displayName: "Ben", userPrincipalName: "ben@example.com" });
  chat = graph.chats.direct(ana.objectId, ben.objectId);
  graph.chats.put(chat, ben.objectId, { id: "1700000000001", body: { contentType: "html", content: "hi" } });
});
afterAll(() => {
  graph.close();
  entra.close();
});

async function token(form: Record<string, string>): Promise<string> {
  const response = await fetch(`${entra.url}/${tenant.id}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: app.appId, client_secret: secret, ...form }),
    tls: { ca: authority.certificate },
  });
  return ((await response.json()) as { access_token: string }).access_token;
}
const asApp = () => token({ grant_type: "client_credentials", scope: `${graph.url}/.default` });
function as(person: Person, ...scopes: string[]): Promise<string> {
  tenant.agree(app.appId, person.objectId, scopes);
  const refresh_token = entra.delegated.issueRefresh(app.appId, person.objectId, scopes);
  return token({
    grant_type: "refresh_token",
    refresh_token,
    scope: scopes.map((one) => `${graph.url}/${one}`).join(" "),
  });
}

async function ask(bearer: string, method: string, path: string, body?: unknown): Promise<number> {
  const response = await fetch(`${graph.url}/v1.0${path}`, {
    method,
    headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    tls: { ca: authority.certificate },
  });
  await response.arrayBuffer();
  return response.status;
}

const at = (more = "") => `/chats/${encodeURIComponent(chat.id)}${more}`;
const text = (content: string, more: object = {}) => ({ body: { contentType: "html", content }, ...more });

describe("reading events", () => {
  test("needs Chat.Read.All for the app; a person needs Chat.Read and membership in the chat", async () => {
    expect(await ask(await asApp(), "GET", at("/members"))).toBe(403);
    tenant.grantRole(app.appId, "Chat.Read.All");
    expect(await ask(await asApp(), "GET", at("/members"))).toBe(200);
    expect(await ask(await as(ana, "User.Read"), "GET", at("/messages/1700000000001"))).toBe(403);
    expect(await ask(await as(ana, "Chat.Read"), "GET", at("/messages/1700000000001"))).toBe(200);
    const stranger = tenant.addPerson({ displayName: "Eve", userPrincipalName: "eve@example.com" });
    expect(await ask(await as(stranger, "Chat.Read"), "GET", at("/messages/1700000000001"))).toBe(403);
  });

  test("all messages of a person are for the app alone; more than 50 per page are refused", async () => {
    const path = `/users/${ana.objectId}/chats/getAllMessages`;
    expect(await ask(await as(ana, "Chat.Read"), "GET", path)).toBe(403);
    expect(await ask(await asApp(), "GET", `${path}?$top=51`)).toBe(400);
    expect(await ask(await asApp(), "GET", `${path}?$top=50`)).toBe(200);
  });
});

describe("sending", () => {
  const cases: [string, object, number][] = [
    ["a text", text("<p>hi</p>"), 201],
    ["nothing", text(" "), 400],
    ["an unknown member", text("hi", { colour: "red" }), 400],
    [
      "an attachment without its marker",
      text("hi", { attachments: [{ id: "a", contentType: "reference" }] }),
      400,
    ],
    ["a mention without its marker", text("hi", { mentions: [{ id: 0, mentionText: "Ben" }] }), 400],
    [
      "an address that ends unlike the name",
      text('<attachment id="a"></attachment>', {
        attachments: [{ id: "a", contentUrl: "https://x.example/a.aspx?file=a.docx", name: "a.docx" }],
      }),
      400,
    ],
    ["60,000 characters", text("x".repeat(60_000)), 413],
  ];
  for (const [name, body, status] of cases)
    test(`${name}: ${status}`, async () => {
      expect(await ask(await as(ana, "ChatMessage.Send"), "POST", at("/messages"), body)).toBe(status);
    });

  test("is refused to the app, and without the scope", async () => {
    expect(await ask(await asApp(), "POST", at("/messages"), text("hi"))).toBe(401);
    expect(await ask(await as(ana, "Chat.Read"), "POST", at("/messages"), text("hi"))).toBe(403);
  });

  test("quotes messages of the chat, up to ten", async () => {
    const bearer = await as(ana, "ChatMessage.Send");
    const quote = (messageIds: string[]) =>
      ask(bearer, "POST", at("/messages/replyWithQuote"), { messageIds, replyMessage: text("yes") });
    expect(await quote(["1700000000001"])).toBe(201);
    expect(await quote(["5"])).toBe(404);
    expect(await quote([])).toBe(400);
    expect(await quote(Array.from({ length: 11 }, () => "1700000000001"))).toBe(400);
  });

  test("reacts with a character, not with a name", async () => {
    const bearer = await as(ana, "ChatMessage.Send");
    const path = at("/messages/1700000000001/setReaction");
    expect(await ask(bearer, "POST", path, { reactionType: "👍" })).toBe(204);
    expect(await ask(bearer, "POST", path, { reactionType: ":logo:" })).toBe(400);
  });
});

describe("presence", () => {
  test("needs its permission, and takes at most 650 people", async () => {
    const path = "/communications/getPresencesByUserId";
    expect(await ask(await asApp(), "POST", path, { ids: [ana.objectId] })).toBe(403);
    tenant.grantRole(app.appId, "Presence.Read.All");
    expect(await ask(await asApp(), "POST", path, { ids: [ana.objectId] })).toBe(200);
    expect(await ask(await asApp(), "POST", path, { ids: Array.from({ length: 651 }, () => "x") })).toBe(400);
  });
});

describe("files", () => {
  test("are read with the token of a person who may, written with another scope, and never with a token at the storage", async () => {
    const item = graph.drives.put(ben.objectId, "a.txt", new Uint8Array(3), [ana.objectId]);
    const share = `/shares/u!${Buffer.from(item.webUrl).toString("base64url")}/driveItem`;
    const eve = [...tenant.people.values()].find(({ displayName }) => displayName === "Eve") as Person;
    expect(await ask(await asApp(), "GET", share)).toBe(403);
    expect(await ask(await as(eve, "Files.Read.All"), "GET", share)).toBe(403);
    expect(await ask(await as(ana, "Files.Read.All"), "GET", share)).toBe(200);
    const put = "/me/drive/root:/Microsoft%20Teams%20Chat%20Files/b.txt:/content";
    expect(await ask(await as(ana, "Files.Read.All"), "PUT", put, {})).toBe(403);
    expect(await ask(await as(ana, "Files.ReadWrite.All"), "PUT", put, {})).toBe(201);
    expect(await ask(await as(ana, "Files.Read.All"), "GET", `/sandbox/download/${item.id}`)).toBe(400);
  });
});
