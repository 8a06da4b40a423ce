/** Connecting from the tab, without a pop-up. */

import { describe, expect, test } from "bun:test";
import type { User } from "../../../runtime/mattermost/index.ts";
import type { ConnectionsWorld } from "../testing/connections-world.ts";
import { entra, HOUR, keysOf, microsoft, openConnections, world } from "../testing/one-person.ts";

openConnections();

describe("connecting from the tab", () => {
  const post = (w: ConnectionsWorld, by: User, token: unknown) =>
    w.request("/api/v1/connection/from-tab", by, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
  const scopes = "User.Read Chat.Read ChatMessage.Read Files.Read.All openid profile offline_access";
  const agree = (objectId: string) =>
    microsoft.tenant.agree(microsoft.registered.app.appId, objectId, scopes.split(" "));
  const tokenOf = (
    person: ReturnType<typeof world>["there"],
    kind?: "guest" | "unknown key" | "other tenant" | "expired",
  ) => entra.tabToken(microsoft.registered.app, person, kind ? { kind } : {});

  test("works without a pop-up when the person has consented before", async () => {
    const { w, ana, there } = world();
    agree(there.objectId);
    expect((await post(w, ana, tokenOf(there))).status).toBe(204);
    expect(await w.state(ana)).toMatchObject({ connected: true, account: "ana@example.com" });
    w.pass(2 * HOUR);
    expect(await w.connections.credential(ana.Id).token(5)).toBeString();
  });

  test("without consent: 409 consent_required, nothing is stored, and the pop-up works", async () => {
    const { w, ana, there } = world();
    const response = await post(w, ana, tokenOf(there));
    expect([response.status, await response.json()]).toMatchObject([409, { code: "consent_required" }]);
    expect(keysOf(w)).toEqual([]);
    expect((await w.connect(ana, there)).status).toBe(200);
  });

  for (const [name, status, run] of [
    [
      "a token of somebody else",
      403,
      (w: ConnectionsWorld, ana: User) => {
        const ben = microsoft.person("ben");
        agree(ben.objectId);
        return post(w, ana, tokenOf(ben));
      },
    ],
    [
      "a forged token",
      401,
      (w: ConnectionsWorld, ana: User, there) => post(w, ana, tokenOf(there, "unknown key")),
    ],
    [
      "a token of another tenant",
      401,
      (w: ConnectionsWorld, ana: User, there) => post(w, ana, tokenOf(there, "other tenant")),
    ],
    [
      "an expired token",
      401,
      (w: ConnectionsWorld, ana: User, there) => post(w, ana, tokenOf(there, "expired")),
    ],
    [
      "a guest's token",
      403,
      (w: ConnectionsWorld, ana: User, there) => {
        agree(there.objectId);
        return post(w, ana, tokenOf(there, "guest"));
      },
    ],
    ["an empty token", 400, (w: ConnectionsWorld, ana: User) => post(w, ana, "")],
    ["a token that is no text", 400, (w: ConnectionsWorld, ana: User) => post(w, ana, { a: 1 })],
    ["a token of 20 KB", 400, (w: ConnectionsWorld, ana: User) => post(w, ana, "x".repeat(20_000))],
    [
      "while no feature needs it",
      503,
      (w: ConnectionsWorld, ana: User, there) => {
        w.config.save({ chats_enabled: false });
        return post(w, ana, tokenOf(there));
      },
    ],
    [
      "without a free seat",
      403,
      (w: ConnectionsWorld, ana: User, there) => {
        w.config.save({ connected_accounts_limit: 0 });
        return post(w, ana, tokenOf(there));
      },
    ],
    [
      "while Entra is down",
      503,
      (w: ConnectionsWorld, ana: User, there) => {
        agree(there.objectId);
        const token = tokenOf(there);
        w.outgoing = (url) => {
          if (url.includes("/token")) throw new Error("no route");
        };
        return post(w, ana, token);
      },
    ],
  ] as [
    string,
    number,
    (w: ConnectionsWorld, ana: User, there: ReturnType<typeof world>["there"]) => Promise<Response>,
  ][]) {
    test(`${name}: ${status}, nothing is stored`, async () => {
      const { w, ana, there } = world();
      const response = await run(w, ana, there);
      expect(response.status).toBe(status);
      expect(keysOf(w)).toEqual([]);
      expect(await response.text()).not.toContain("eyJ");
    });
  }
});
