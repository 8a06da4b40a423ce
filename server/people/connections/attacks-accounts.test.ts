/** Accounts that may not connect, and flows that Entra ended: each is refused. */

import { expect, test } from "bun:test";
import {
  Attack,
  type Case,
  complete,
  connectsAfter,
  microsoft,
  openAttacks,
  personOf,
  refused,
  state,
  withUser,
} from "./testing/attack.ts";

openAttacks();

const accounts: Case[] = [
  [
    "the account of somebody else, by address",
    async (a) => a.come(await a.back({}, a.ana, a.benThere)),
    [403, "other_address"],
  ],
  [
    "an address that differs in a letter that folds to ASCII",
    async (a) =>
      a.come(
        await a.back(
          {},
          a.ana,
          microsoft.person("x", { userPrincipalName: "an\u0430@example.com", mail: null }),
        ),
      ),
    [403, "other_address"],
  ],
  [
    "an address that begins like the member's",
    async (a) =>
      a.come(
        await a.back(
          {},
          a.ana,
          microsoft.person("x", { userPrincipalName: "ana@example.com.other.example", mail: null }),
        ),
      ),
    [403, "other_address"],
  ],
  [
    "the same name in another domain",
    async (a) =>
      a.come(
        await a.back(
          {},
          a.ana,
          microsoft.person("x", { userPrincipalName: "ana@other.example", mail: null }),
        ),
      ),
    [403, "other_address"],
  ],
  [
    "an address that ends like the member's",
    async (a) =>
      a.come(
        await a.back(
          {},
          a.ana,
          microsoft.person("x", { userPrincipalName: "diana@example.com", mail: null }),
        ),
      ),
    [403, "other_address"],
  ],
  [
    "an account without any address",
    async (a) =>
      a.come(await a.back({}, a.ana, microsoft.person("x", { userPrincipalName: "x", mail: null }))),
    [403, "other_address"],
  ],
  [
    "an account that is connected here already",
    async (a) => {
      a.w.config.save({ connect_different_email: true });
      expect((await a.w.connect(a.ben, a.there)).status).toBe(200);
      return a.come(await a.back());
    },
    [403, "account_taken"],
  ],
  [
    "an account that belongs to a deactivated account here",
    async (a) => {
      await a.w.links.store.claim(personOf(a), a.ben.Id, "token");
      a.w.mattermost.users.set(a.ben.Id, { ...a.ben, DeleteAt: 1 });
      return a.come(await a.back());
    },
    [403, "holder_left"],
  ],
  [
    "an account that belongs to nobody whom the server knows",
    async (a) => {
      await a.w.links.store.claim(personOf(a), "deleteddeleteddeleteddelet", "token");
      return a.come(await a.back());
    },
    [403, "holder_gone"],
  ],
  [
    "another account than the linked one",
    async (a) => {
      await a.w.links.store.claim(
        { tenantId: microsoft.tenant.id, objectId: a.benThere.objectId },
        a.ana.Id,
        "token",
      );
      return a.come(await a.back());
    },
    [403, "linked_elsewhere"],
  ],
  ["by a bot", async (a) => a.come(await withUser(a, { IsBot: true })), [403, "bot"]],
  [
    "by a guest of Mattermost",
    async (a) => a.come(await withUser(a, { Roles: "system_guest" })),
    [403, "guest"],
  ],
  [
    "by a person of another server",
    async (a) => a.come(await withUser(a, { RemoteId: "remote" })),
    [403, "bot"],
  ],
  [
    "by somebody who was deactivated meanwhile",
    async (a) => a.come(await withUser(a, { DeleteAt: 1 })),
    [403, "inactive"],
  ],
  [
    "by somebody whose account was deleted meanwhile",
    async (a) => {
      const path = await a.back();
      a.w.mattermost.users.delete(a.ana.Id);
      return a.come(path);
    },
    [403, "inactive"],
  ],
  [
    "after the last seat was taken meanwhile",
    async (a) => {
      const path = await a.back();
      a.w.config.save({ connected_accounts_limit: 0 });
      return a.come(path);
    },
    [403, "no_seat"],
  ],
  [
    "after the list was switched on meanwhile",
    async (a) => {
      const path = await a.back();
      a.w.config.save({ connected_accounts_restricted: true });
      return a.come(path);
    },
    [403, "not_listed"],
  ],
];

const error = (
  fields: Record<string, string>,
  outcome: string,
  status = 403,
): [(a: Attack) => Promise<Response>, [number, string]] => [
  async (a) => a.come(complete({ ...fields, state: state(await a.back()) })),
  [status, outcome],
];

const errors: Case[] = [
  [
    "cancelled",
    ...error({ error: "access_denied", error_description: "AADSTS65004: declined" }, "cancelled"),
  ],
  [
    "needs an admin",
    ...error({ error: "access_denied", error_description: "AADSTS90094: admin" }, "needs_admin"),
  ],
  ["consent_required", ...error({ error: "consent_required" }, "needs_admin")],
  ["a policy", ...error({ error: "interaction_required", error_description: "AADSTS53003: no" }, "policy")],
  [
    "an account of another tenant",
    ...error({ error: "invalid_request", error_description: "AADSTS50020: x" }, "other_tenant"),
  ],
  ["a fault of Entra", ...error({ error: "server_error" }, "unreachable", 503)],
  ["temporarily unavailable", ...error({ error: "temporarily_unavailable" }, "unreachable", 503)],
  ["an unknown error", ...error({ error: "whatever" }, "refused")],
  [
    "an error beside a good code",
    async (a) => a.come(`${await a.back()}&error=access_denied`),
    [403, "cancelled"],
  ],
  ["script in the error", ...error({ error: "<script>alert(1)</script>" }, "refused")],
  [
    "script in the description",
    ...error({ error: "x", error_description: "<img src=x onerror=alert(1)>" }, "refused"),
  ],
  ["a line break in the error", ...error({ error: "access_denied\r\nSet-Cookie: a=b" }, "refused")],
  ["a description of 1 MB", ...error({ error: "x", error_description: "x".repeat(1_000_000) }, "refused")],
  ["an error without a state", async (a) => a.come(complete({ error: "access_denied" })), [400, "state"]],
  [
    "an error with the state of somebody else",
    async (a) => a.come(complete({ error: "access_denied", state: state(await a.back()) }), a.ben),
    [400, "state"],
  ],
];

refused("accounts", accounts);
refused("errors", errors);
connectsAfter([errors[0], errors[9]]);

test("only known codes from the address reach the audit record", async () => {
  const a = new Attack();
  for (const [error, error_description] of [
    ["access_denied\r\nevil=1", "evil"],
    ["<b>evil", "AADSTS50105: evil"],
    ["e".repeat(41), "x AADSTS65004: evil"],
    ["server_error", "AADSTS90033: evil"],
  ] as const)
    await a.come(await a.back({ code: null, error, error_description }));
  const said = JSON.stringify(a.w.events);
  for (const part of ["evil", "<b>", "\\r", "e".repeat(41)]) expect(said).not.toContain(part);
  expect(a.w.events.map(({ reason }) => reason)).toEqual([
    "refused unknown",
    expect.stringContaining("unknown AADSTS50105"),
    "refused unknown",
    "unreachable server_error AADSTS90033",
  ]);
});
