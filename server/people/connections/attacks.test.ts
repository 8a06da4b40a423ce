/** Attacks with the state and the code of a flow that must be refused. connecting.test.ts has the legitimate flow. */

import { expect, test } from "bun:test";
import {
  Attack,
  type Case,
  code,
  complete,
  connectsAfter,
  entra,
  MINUTE,
  microsoft,
  openAttacks,
  refused,
  state,
} from "./testing/attack.ts";
import { backPath } from "./testing/connections-world.ts";

openAttacks();

const states: Case[] = [
  ["no state", async (a) => a.come(await a.back({ state: null })), [400, "state"]],
  ["an empty state", async (a) => a.come(await a.back({ state: "" })), [400, "state"]],
  ["a state nobody issued", async (a) => a.come(await a.back({ state: "A".repeat(43) })), [400, "state"]],
  [
    "a state with one letter changed",
    async (a) => {
      const path = await a.back();
      const text = state(path);
      return a.come(
        path.replace(text, `${text.slice(0, -2)}${text.at(-2) === "A" ? "B" : "A"}${text.at(-1)}`),
      );
    },
    [400, "state"],
  ],
  [
    "a state in lower case",
    async (a) => {
      const path = await a.back();
      return a.come(path.replace(state(path), state(path).toLowerCase()));
    },
    [400, "state"],
  ],
  [
    "a state with a blank",
    async (a) => {
      const path = await a.back();
      return a.come(path.replace(state(path), `${state(path)}%20`));
    },
    [400, "state"],
  ],
  ["a state of 1 MB", async (a) => a.come(await a.back({ state: "A".repeat(1_000_000) })), [400, "state"]],
  [
    "a state that is a key of the store",
    async (a) => a.come(await a.back({ state: "connections.allowed" })),
    [400, "state"],
  ],
  [
    "a state with a path in it",
    async (a) => a.come(await a.back({ state: `../${"A".repeat(40)}` })),
    [400, "state"],
  ],
  [
    "a state with null bytes",
    async (a) => a.come(await a.back({ state: `${"A".repeat(42)}\0` })),
    [400, "state"],
  ],
  [
    "two states, the right one first",
    async (a) => a.come(`${await a.back()}&state=${"A".repeat(43)}`),
    [400, "state"],
  ],
  [
    "two states, the right one last",
    async (a) => {
      const path = await a.back();
      return a.come(path.replace("?", `?state=${"A".repeat(43)}&`));
    },
    [400, "state"],
  ],
  [
    "the state as state[]",
    async (a) => a.come((await a.back()).replace("state=", "state[]=")),
    [400, "state"],
  ],
  [
    "the hash of a state, as the store has it",
    async (a) => {
      await a.back();
      const key =
        a.w.mattermost
          .kv("mission-collaboration")
          .keys()
          .find((one) => one.startsWith("flow.")) ?? "";
      return a.come(await a.back({ state: key.slice("flow.".length) }));
    },
    [400, "state"],
  ],
  [
    "a state that is ten minutes old",
    async (a) => {
      const path = await a.back();
      a.w.pass(10 * MINUTE);
      return a.come(path);
    },
    [400, "state"],
  ],
  ["a state of another user", async (a) => a.come(await a.back(), a.ben), [400, "state"]],
  [
    "a state of another user under the same session id",
    async (a) => a.come(await a.back(), a.ben, { SessionId: "session-of-ana" }),
    [400, "state"],
  ],
  [
    "a state that is ten minutes old, and still in the store",
    async (a) => {
      const path = await a.back();
      const store = a.w.mattermost.kv("mission-collaboration");
      const key = store.keys().find((one) => one.startsWith("flow.")) ?? "";
      const record = store.get(key);
      a.w.pass(10 * MINUTE);
      if (record) await a.w.kv.compareAndSet(key, null, record);
      return a.come(path);
    },
    [400, "state"],
  ],
  [
    "a state of another user with their own code",
    async (a) => {
      const [mine, theirs] = [await a.back(), await a.back({}, a.ben, a.benThere)];
      return a.come(complete({ state: state(theirs), code: code(mine) }));
    },
    [400, "state"],
  ],
  [
    "a state of another session of the same user",
    async (a) => a.come(await a.back(), a.ana, { SessionId: "another-session" }),
    [400, "state"],
  ],
  [
    "a state without any session",
    async (a) => a.come(await a.back(), a.ana, { SessionId: "" }),
    [400, "state"],
  ],
  [
    "a state after the client was changed",
    async (a) => {
      const path = await a.back();
      a.w.config.save({ m365_client_id: "aaaaaaaa-2222-3333-4444-555555555555" });
      const response = await a.come(path);
      a.w.config.save({ m365_client_id: microsoft.registered.app.appId });
      return response;
    },
    [400, "state"],
  ],
  [
    "a state after the tenant was changed",
    async (a) => {
      const path = await a.back();
      a.w.config.save({ m365_tenant_id: "aaaaaaaa-2222-3333-4444-555555555555" });
      const response = await a.come(path);
      a.w.config.save({ m365_tenant_id: microsoft.tenant.id });
      return response;
    },
    [400, "state"],
  ],
  [
    "a state after the site moved",
    async (a) => {
      const path = await a.back();
      a.w.config.save({}, "https://new.example.com");
      const response = await a.come(path);
      a.w.config.save({}, "https://chat.example.com/mattermost");
      return response;
    },
    [400, "state"],
  ],
  [
    "a state after the encryption key was changed",
    async (a) => {
      const path = await a.back();
      a.w.config.save({ encryption_key: Buffer.alloc(32, 7).toString("base64") });
      const response = await a.come(path);
      a.w.config.save({ encryption_key: a.w.keyText });
      return response;
    },
    [400, "state"],
  ],
  [
    "a state that was spent on an error",
    async (a) => {
      const path = await a.back();
      expect((await a.come(complete({ state: state(path), error: "access_denied" }))).status).toBe(403);
      return a.come(path);
    },
    [400, "state"],
  ],
];

const codes: Case[] = [
  ["no code", async (a) => a.come(await a.back({ code: null })), [400, "state"]],
  ["an empty code", async (a) => a.come(await a.back({ code: "" })), [400, "state"]],
  ["a code of 10 KB", async (a) => a.come(await a.back({ code: "x".repeat(10_000) })), [400, "state"]],
  ["two codes", async (a) => a.come(`${await a.back()}&code=x`), [400, "state"]],
  ["a code nobody issued", async (a) => a.come(await a.back({ code: "1.AX0Ainvented" })), [403, "refused"]],
  [
    "a code of another flow of the same person",
    async (a) => {
      const [one, other] = [await a.back(), await a.back()];
      return a.come(complete({ state: state(one), code: code(other) }));
    },
    [403, "refused"],
  ],
  [
    "a code of somebody else, injected",
    async (a) => {
      const [mine, theirs] = [await a.back(), await a.back({}, a.ben, a.benThere)];
      return a.come(complete({ state: state(mine), code: code(theirs) }));
    },
    [403, "refused"],
  ],
  [
    "a code that is eleven minutes old in a fresh flow",
    async (a) => {
      const old = await a.back();
      const now = entra.now;
      entra.now = () => Date.now() + 11 * MINUTE;
      const response = await a.come(old);
      entra.now = now;
      return response;
    },
    [403, "refused"],
  ],
  [
    "a code of a flow without PKCE",
    async (a) => {
      const back = backPath(await a.lured({ code_challenge: null, code_challenge_method: null }));
      return a.come(back);
    },
    [403, "refused"],
  ],
  [
    "a code of a flow with a challenge of the attacker",
    async (a) => a.come(backPath(await a.lured({ code_challenge: "A".repeat(43) }))),
    [403, "refused"],
  ],
  [
    "PKCE plain",
    async (a) => a.come(backPath(await a.lured({ code_challenge_method: "plain" }))),
    [403, "refused"],
  ],
  [
    "a challenge that is too short",
    async (a) => a.come(backPath(await a.lured({ code_challenge: "abc" }))),
    [403, "refused"],
  ],
  [
    "a code of a flow with another nonce",
    async (a) => a.come(backPath(await a.lured({ nonce: "n".repeat(43) }))),
    [502, "token_invalid"],
  ],
  [
    "a code of a flow without a nonce",
    async (a) => a.come(backPath(await a.lured({ nonce: null }))),
    [502, "token_invalid"],
  ],
  [
    "a flow without offline_access",
    async (a) => {
      const url = new URL(await a.w.authorizeAddress(a.ana));
      const scope = (url.searchParams.get("scope") ?? "").replace("offline_access ", "");
      url.searchParams.set("scope", scope);
      return a.come(backPath(entra.signIn(url.href, a.there)));
    },
    [403, "no_offline"],
  ],
];

refused("states", states);
refused("codes", codes);
connectsAfter([states[0], states[15], codes[4]]);

test("a malformed state is not looked up in the store", async () => {
  const a = new Attack();
  let reads = 0;
  a.w.fault = (method) => {
    if (method === "kvGet") reads += 1;
    return undefined;
  };
  for (const wrong of ["", "x", "A".repeat(44), "A".repeat(1_000_000), `${"A".repeat(42)}/`])
    expect((await a.come(complete({ code: "x", state: wrong }))).status).toBe(400);
  expect(reads).toBe(0);
  await a.come(complete({ code: "x", state: "A".repeat(43) }));
  expect(reads).toBe(1);
});
