/** Which notifications have the token of Microsoft that their contents need. */

import { describe, expect, test } from "bun:test";
import { randomUUID } from "node:crypto";
import { signJwt } from "../../../../e2e/sandbox/entra/keys.ts";
import { badTokens } from "../../../../e2e/sandbox/entra/tab-tokens.ts";
import { CHANGE_TRACKING_APP_ID } from "../../../../e2e/sandbox/graph/notifications.ts";
import { storedKeys } from "../stored-keys.ts";
import { SubscriptionsWorld, sent, TestListener } from "../testing/subscriptions-world.ts";
import {
  body,
  claims,
  delivered,
  event,
  message,
  nextId,
  node,
  openWebhook,
  settled,
  stranger,
  token,
  v2Token,
  world,
} from "../testing/webhook-world.ts";

openWebhook();

describe("without a valid token, resource data is refused and plain changes are accepted", () => {
  const parts = () => token().split(".");
  const unsigned = (header: object) =>
    `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${parts()[1]}.`;
  const at = () => Math.floor(world.clock.now() / 1000);
  const bad: [name: string, tokens: () => unknown][] = [
    ["no tokens", () => []],
    ["a good one in no list", () => token()],
    ["an object of good ones", () => ({ 0: token(), length: 1 })],
    ["null for a list", () => null],
    ["an empty token", () => [""]],
    ["a number", () => [7]],
    ["null beside a good one", () => [null, token()]],
    [
      "a forged one beside a good one",
      () => [token(), signJwt(claims(), { ...stranger, kid: world.entra.ports().key.kid })],
    ],
    ["seventeen good ones", () => Array.from({ length: 17 }, () => token())],
    ["no audience", () => [token({ aud: undefined })]],
    ["another audience", () => [token({ aud: randomUUID() })]],
    ["Graph as audience", () => [token({ aud: "00000003-0000-0000-c000-000000000000" })]],
    ["a list of audiences", () => [token({ aud: [world.clientId] })]],
    ["another issuer", () => [token({ iss: `https://sts.sandbox.example/${randomUUID()}/` })]],
    ["the issuer of version 2 in version 1", () => [token({ iss: world.entra.issuerV2 })]],
    ["the real cloud's issuer", () => [token({ iss: `https://sts.windows.net/${world.tenant.id}/` })]],
    ["another tenant", () => [token({ tid: randomUUID() })]],
    ["another sender", () => [token({ appid: randomUUID() })]],
    ["no sender", () => [token({ appid: undefined })]],
    [
      "the sender of version 1 in version 2",
      () => [v2Token({ azp: undefined, appid: CHANGE_TRACKING_APP_ID })],
    ],
    ["another sender of version 2", () => [v2Token({ azp: world.clientId })]],
    ["a person's token", () => [token({ scp: "access_as_user" })]],
    ["an expired one", () => [token({ exp: at() - 3_600 })]],
    ["one without expiry", () => [token({ exp: undefined })]],
    ["one that is not valid yet", () => [token({ nbf: at() + 3_600 })]],
    ["one that lives for a year", () => [token({ exp: at() + 365 * 86_400 })]],
    ["a stranger's key", () => [signJwt(claims(), stranger)]],
    [
      "a stranger's key under our kid",
      () => [signJwt(claims(), { ...stranger, kid: world.entra.ports().key.kid })],
    ],
    ["alg none", () => [unsigned({ alg: "none", typ: "JWT" })]],
    ["alg HS256", () => [token({}, { alg: "HS256" })]],
    ["alg RS384", () => [token({}, { alg: "RS384" })]],
    ["a critical extension", () => [token({}, { crit: ["x"] })]],
    ["no signature", () => [parts().slice(0, 2).join(".")]],
    ["another signature", () => [[...parts().slice(0, 2), token({ x: 1 }).split(".")[2]].join(".")]],
    ["other claims", () => [[parts()[0], v2Token().split(".")[1], parts()[2]].join(".")]],
    ["a token of 20 KB", () => [token({ x: "y".repeat(20_000) })]],
    [
      "a token for the tab",
      () => [
        world.entra.tabToken(
          [...world.tenant.applications.values()][0] as never,
          world.tenant.addPerson({ displayName: "A", userPrincipalName: `${randomUUID()}@sandbox.example` }),
        ),
      ],
    ],
  ];
  const contents = () => [...world.store.values.keys()].filter((key) => key.startsWith("changes_body_"));
  for (const [name, tokens] of bad) {
    test(name, async () => {
      const [id, neighbour] = [nextId(), nextId()];
      const [before, stored] = [node.dropped("unproven"), contents()];
      expect((await node.post(body([message(id), event(neighbour)], tokens()))).status).toBe(202);
      // A stranger must not be able to fill the store with unverified contents.
      expect(contents().filter((key) => !stored.includes(key))).toEqual([]);
      await settled();
      expect(delivered()).not.toContain(id);
      expect(delivered()).toContain(neighbour);
      expect(node.dropped("unproven") - before).toBe(1);
    });
  }

  test("every kind of bad token raises an alarm, logged once a minute without the token", async () => {
    await node.post(body([message(nextId())], []));
    const { alarms } = await node.subscriptions.status();
    expect(alarms.map(({ reason }) => reason)).toContain("unproven");
    const warned = world.warnings.filter((line) => line.includes("was not from Microsoft"));
    expect(warned.length).toBeLessThanOrEqual(2);
    expect(world.warnings.join("\n")).not.toMatch(/eyJ|hello/);
    expect(badTokens.length).toBeGreaterThan(0);
  });

  test("rotated keys are fetched, once", async () => {
    world.clock.jumpTo(world.clock.now() + 60_000);
    world.entra.rotateKeys();
    const before = world.entra.fetched.keys;
    const ids = Array.from({ length: 5 }, nextId);
    for (const id of ids) await node.post(body([message(id)]));
    await settled();
    expect(delivered()).toEqual(expect.arrayContaining(ids));
    expect(world.entra.fetched.keys - before).toBe(1);
  });
});

test("content waits for Entra's keys while they are unreachable; none is lost, and a forged one is dropped", async () => {
  const other = new SubscriptionsWorld();
  try {
    const late = new TestListener();
    const first = other.node(late);
    first.subscriptions.start();
    await other.until("a subscription", async () =>
      (await first.subscriptions.status()).subscriptions.some(({ since }) => since !== null),
    );
    other.entra.setFaults({ unreachable: true });
    await other.graph.subscriptions.notify(sent("1"));
    other.graph.subscriptions.forgeNext = "token audience";
    await other.graph.subscriptions.notify(sent("2"));
    expect(other.graph.subscriptions.deliveries.at(-1)?.statuses).toEqual([202]);
    await Bun.sleep(20);
    expect(late.delivered).toEqual([]);
    other.entra.healthy();
    await other.clock.pass(11_000);
    await other.until("the change", () => late.ids.includes("1"));
    await other.until("the forged one", () => first.dropped("unproven") === 1);
    expect(late.ids).toEqual(["1"]);
    other.entra.setFaults({ unreachable: true });
  } finally {
    await other.stop();
  }
});

openWebhook();

test("only declared keys are stored, and no text of a message is readable", () => {
  expect(world.store.values.size).toBeGreaterThan(10);
  for (const [key, value] of world.store.values) {
    expect([key, storedKeys.some(({ prefix }) => key.startsWith(prefix))]).toEqual([key, true]);
    expect(new TextDecoder().decode(value)).not.toMatch(/hello|text m\d/);
  }
});
