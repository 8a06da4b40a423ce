/** The code flow as it works, beside everything that is refused. */

import { describe, expect, test } from "bun:test";
import type { Person } from "../../../e2e/sandbox/tenant.ts";
import type { User } from "../../runtime/mattermost/index.ts";
import { Attack, entra, microsoft, openAttacks } from "./testing/attack.ts";
import { ConnectionsWorld } from "./testing/connections-world.ts";
import { REDIRECT } from "./testing/microsoft.ts";
import { outcomeOf } from "./testing/outcome.ts";

openAttacks();

describe("legitimate flows during attacks", () => {
  test("another user's attempt does not use up the state of its owner", async () => {
    const a = new Attack();
    const path = await a.back();
    expect((await a.come(path, a.ben)).status).toBe(400);
    expect((await a.come(path, null)).status).toBe(401);
    expect((await a.come(path)).status).toBe(200);
  });

  test("a state works once: of twenty simultaneous requests one connects, and the code is redeemed once", async () => {
    const a = new Attack();
    const path = await a.back();
    const before = entra.fetched.tokens;
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await a.come(path)).status));
    expect(statuses.sort()).toEqual([200, ...Array(19).fill(400)]);
    expect(entra.fetched.tokens - before).toBe(1);
    expect((await a.come(path)).status).toBe(400);
  });

  test("two flows in two windows do not affect each other", async () => {
    const a = new Attack();
    const [one, other] = [await a.back(), await a.back()];
    expect((await a.come(other)).status).toBe(200);
    expect((await a.come(one)).status).toBe(200);
  });

  test("of two people who connect one Microsoft account at the same moment, one gets it", async () => {
    const a = new Attack();
    a.w.config.save({ connect_different_email: true });
    const [one, other] = [await a.back(), await a.back({}, a.ben, a.there)];
    const ends = await Promise.all([a.come(one), a.come(other, a.ben)]);
    expect(ends.map(({ status }) => status).sort()).toEqual([200, 403]);
    const held = await Promise.all([a.ana, a.ben].map(({ Id }) => a.w.connections.isConnected(Id)));
    expect(held.filter(Boolean)).toHaveLength(1);
  });

  test("and the other one keeps no seat", async () => {
    const a = new Attack();
    // On one node Ben would wait for Ana's write, where both are in the same record of the store.
    const second = new ConnectionsWorld({ microsoft, beside: a.w });
    for (const node of [a.w, second])
      node.config.save({ connect_different_email: true, connected_accounts_limit: 2 });
    const [one, other] = [await a.back(), await a.back({}, a.ben, a.there)];
    // Ben connects the account after Ana has taken a seat, and before she claims the link.
    a.w.fault = async (method, args) => {
      if (method !== "kvCompareAndSet" || !/^connections\.\w{1,2}$/.test(String(args[0]))) return;
      a.w.fault = undefined;
      expect((await second.request(other, a.ben)).status).toBe(200);
    };
    expect((await a.come(one)).status).toBe(403);
    expect(a.w.fault).toBeUndefined();
    expect(await a.w.connections.countOnce()).toBe(1);
    expect(await a.w.connections.isConnected(a.ben.Id)).toBe(true);
  });

  test("of two people who want the last seat, on two nodes at the same moment, one gets it", async () => {
    const a = new Attack();
    const second = new ConnectionsWorld({ microsoft, beside: a.w });
    for (const node of [a.w, second]) node.config.save({ connected_accounts_limit: 1 });
    const [one, other] = [await a.back(), await a.back({}, a.ben, a.benThere)];
    const ends = await Promise.all([a.come(one), second.request(other, a.ben)]);
    expect(ends.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect(await a.w.connections.countOnce()).toBe(1);
  });

  test("a person who was connected once comes back without a free seat and without the list", async () => {
    const a = new Attack();
    await a.w.connect(a.ana, a.there);
    await a.w.connections.disconnect(a.ana.Id, { userId: a.ana.Id, requestId: "" });
    a.w.config.save({ connected_accounts_limit: 0, connected_accounts_restricted: true });
    expect((await a.w.connect(a.ana, a.there)).status).toBe(200);
    expect((await a.w.request("/oauth2/connect", a.ben)).status).toBe(403);
  });

  const addresses: [string, Partial<Person>, Partial<User>, boolean][] = [
    ["the case does not matter", { mail: "Ana@Example.COM" }, {}, true],
    ["the principal name counts without mail", { mail: null }, {}, true],
    ["another mail, the same principal name", { mail: "a.b@example.com" }, {}, true],
    [
      "a dotless i is no i",
      { userPrincipalName: "ina@example.com", mail: null },
      { Email: "\u0131na@example.com" },
      false,
    ],
  ];
  for (const [name, person, user, fits] of addresses) {
    test(`${name}: ${fits ? "the same address" : "another address"}`, async () => {
      const w = new ConnectionsWorld({ microsoft });
      const ana = w.user("ana", user);
      expect((await w.connect(ana, microsoft.person("ana", person))).status).toBe(fits ? 200 : 403);
    });
  }

  test("another address is accepted when the admin allows it", async () => {
    const a = new Attack();
    a.w.config.save({ connect_different_email: true });
    expect((await a.w.connect(a.ana, a.benThere)).status).toBe(200);
    expect((await a.w.links.store.byAccount(a.ana.Id))?.basis).toBe("connected");
  });

  test("a person with both accounts reads which one to disconnect", async () => {
    const a = new Attack();
    a.w.config.save({ connect_different_email: true });
    await a.w.connect(a.ben, a.there);
    expect(await (await a.come(await a.back())).text()).toContain("the Mattermost account @ben.");
    await a.w.connections.disconnect(a.ben.Id, { userId: a.ben.Id, requestId: "" });
    expect((await a.w.connect(a.ana, a.there)).status).toBe(200);
  });

  test("the refusal of another address shows both addresses, escaped, to that person only", async () => {
    const a = new Attack();
    const odd = microsoft.person("x", { userPrincipalName: `"<b>"@example.com`, mail: null });
    const html = await (await a.come(await a.back({}, a.ana, odd))).text();
    expect(html).toContain("ana@example.com");
    expect(html).toContain("&quot;&lt;b&gt;&quot;@example.com");
    expect(html).not.toContain("<b>");
  });
});

describe("the start of a flow", () => {
  test("redirects to the tenant's Entra as specified, with nothing from the request", async () => {
    const a = new Attack();
    const evil =
      "return=https://evil.example&redirect_uri=https://evil.example&scope=x&prompt=consent&state=y";
    const response = await a.w.request(`/oauth2/connect?${evil}`, a.ana);
    const url = new URL(response.headers.get("Location") ?? "");
    expect(response.status).toBe(302);
    expect(url.origin + url.pathname).toBe(`${entra.url}/${microsoft.tenant.id}/oauth2/v2.0/authorize`);
    const query = Object.fromEntries(url.searchParams);
    expect(query).toEqual({
      client_id: microsoft.registered.app.appId,
      response_type: "code",
      response_mode: "query",
      redirect_uri: REDIRECT,
      scope: [
        "openid",
        "profile",
        "offline_access",
        ...["User.Read", "Chat.Read", "ChatMessage.Read", "Files.Read.All"].map(
          (name) => `${microsoft.graph.url}/${name}`,
        ),
      ].join(" "),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
      prompt: "select_account",
      login_hint: "ana@example.com",
    });
    expect(response.headers.get("Referrer-Policy")).toBe("no-referrer");
  });

  test("uses new random values for each flow", async () => {
    const a = new Attack();
    const seen = new Set<string>();
    for (let flow = 0; flow < 5; flow += 1) {
      const { searchParams } = new URL(await a.w.authorizeAddress(a.ana));
      for (const name of ["state", "nonce", "code_challenge"]) seen.add(searchParams.get(name) ?? "");
    }
    expect(seen.size).toBe(15);
  });

  const refusals: [string, (a: Attack) => void, number, string][] = [
    ["a guest", (a) => a.w.mattermost.users.set(a.ana.Id, { ...a.ana, Roles: "system_guest" }), 403, "guest"],
    ["a bot", (a) => a.w.mattermost.users.set(a.ana.Id, { ...a.ana, IsBot: true }), 403, "bot"],
    ["no seat", (a) => a.w.config.save({ connected_accounts_limit: 0 }), 403, "no_seat"],
    ["not on the list", (a) => a.w.config.save({ connected_accounts_restricted: true }), 403, "not_listed"],
    ["no client secret", (a) => a.w.config.save({ m365_client_secret: "" }), 503, "not_configured"],
    ["no tenant", (a) => a.w.config.save({ m365_tenant_id: "" }), 503, "not_configured"],
    ["no encryption key", (a) => a.w.config.save({ encryption_key: "" }), 503, "not_configured"],
    [
      "an encryption key that is a password",
      (a) => a.w.config.save({ encryption_key: "password" }),
      503,
      "not_configured",
    ],
    ["no feature that needs it", (a) => a.w.config.save({ chats_enabled: false }), 503, "not_configured"],
  ];
  for (const [name, change, status, outcome] of refusals) {
    test(`${name}: ${status} ${outcome}, and no state is stored`, async () => {
      const a = new Attack();
      change(a);
      const response = await a.w.request("/oauth2/connect", a.ana);
      expect([response.status, await outcomeOf(response)]).toEqual([status, outcome]);
      expect([...a.w.stored().keys()].filter((key) => key.startsWith("flow."))).toEqual([]);
    });
  }

  test("stores no state for somebody who is connected", async () => {
    const a = new Attack();
    await a.w.connect(a.ana, a.there);
    const response = await a.w.request("/oauth2/connect", a.ana);
    expect([response.status, await outcomeOf(response)]).toEqual([200, "already_connected"]);
    expect([...a.w.stored().keys()].filter((key) => key.startsWith("flow."))).toEqual([]);
  });

  test("asks again for a feature that is switched on later, with the account as hint", async () => {
    const a = new Attack();
    await a.w.connect(a.ana, a.there);
    a.w.config.save({ calendar_enabled: true });
    expect((await a.w.state(a.ana)).missing).toEqual(["Calendars.ReadWrite", "MailboxSettings.Read"]);
    expect((await a.w.connect(a.ana, a.there)).status).toBe(200);
    expect((await a.w.state(a.ana)).missing).toEqual([]);
  });
});

describe("Microsoft is unreachable", () => {
  const faults: [string, () => void][] = [
    ["the token endpoint answers 503", () => entra.setFaults({ tokens: "error" })],
    ["nothing listens there", () => entra.setFaults({ unreachable: true })],
    ["the token endpoint throttles", () => entra.setFaults({ tokens: "throttled" })],
    ["Graph answers 503", () => microsoft.graph.setFaults({ status: 503 })],
  ];
  for (const [name, break_] of faults) {
    test(`${name}: 503, nothing is stored, and the next attempt works`, async () => {
      const a = new Attack();
      const path = await a.back();
      break_();
      const response = await a.come(path);
      expect([response.status, await outcomeOf(response)]).toEqual([503, "unreachable"]);
      entra.healthy();
      microsoft.graph.healthy();
      expect([...a.w.stored().keys()].filter((key) => key.includes(a.ana.Id))).toEqual([]);
      expect((await a.w.connect(a.ana, a.there)).status).toBe(200);
    });
  }
});
