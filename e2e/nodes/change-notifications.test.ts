/**
 * Tests change notifications of the built executable from outside: its subscriptions, and the webhook that Microsoft
 * Graph calls. Runs in `npm test` after the bundle is built.
 */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { UNSUBSCRIBE_MS } from "../../server/microsoft/subscriptions/lifecycle/unsubscribe.ts";
import { until } from "../until.ts";
import { stageOfEachTest } from "./stage-of-each-test.ts";

// Longer than each `until` in a test, so that `until` fails first and names what was missing.
setDefaultTimeout(600_000);

const start = stageOfEachTest();

describe("change notifications", () => {
  const post = (base: string, path: string, body: string | null) =>
    fetch(base + path, { method: "POST", headers: { "Content-Type": "application/json" }, body });

  test("are subscribed to as the contract says, and the subscriptions end with the switch and with the plugin", async () => {
    const { front, graph, mattermost, save, sandbox } = await start();
    await save({ notification_url: front.url });
    const remote = () => [...graph.subscriptions.all.values()];
    await until(() => remote().length === 1, "a subscription");
    const [one] = remote();
    const address = `${front.url}/plugins/mission-collaboration/api/v1/graph`;
    expect(one).toMatchObject({
      resource: "/chats/getAllMessages",
      changeType: "created,updated,deleted",
      notificationUrl: `${address}/changes`,
      lifecycleNotificationUrl: `${address}/lifecycle`,
    });
    expect(one?.certificate).not.toBeNull();
    expect(one?.applicationId).toBe(sandbox.registration?.app.appId ?? "");
    await save({ chats_enabled: false });
    await until(() => remote().length === 0, "none");
    await save({ chats_enabled: true });
    await until(() => remote().length === 1, "one again");
    // The record exists before Microsoft has answered; a subscription whose id is not in it cannot be removed.
    const store = sandbox.world.kv(sandbox.bundle.id);
    const records = () =>
      store
        .keys()
        .filter((key) => key.startsWith("subscription_"))
        .map((key) => new TextDecoder().decode(store.get(key) ?? new Uint8Array()));
    await until(() => records().some((text) => text.includes(remote()[0]?.id ?? "none")), "its record");
    // As if an admin switches the plugin off.
    const states = sandbox.world.config.PluginSettings.PluginStates as Record<string, object>;
    states[sandbox.bundle.id] = { Enable: false };
    const begun = performance.now();
    await mattermost.stopPlugin();
    const took = performance.now() - begun;
    // The end of the plugin does not wait for Microsoft for longer than this: a machine may be too busy for it.
    if (took < UNSUBSCRIBE_MS) expect(remote()).toEqual([]);
    else expect(remote().length).toBeLessThanOrEqual(1);
  });

  test("are subscribed to again after an absence longer than the life of a subscription, and missed changes come once", async () => {
    const { front, graph, mattermost, member, pass, ready, save, tenant } = await start();
    await save({ notification_url: front.url });
    const ids = () => [...graph.subscriptions.all.keys()];
    await until(() => ids().length === 1, "a subscription");
    const before = ids();
    const ana = member("ana");
    await ana.connect();
    const ben = tenant.addPerson({ displayName: "Ben", userPrincipalName: "ben@harbor.example" });
    const chat = graph.chats.direct(ben.objectId, ana.person.objectId);
    const first = await graph.chats.write(chat, ben.objectId, "<p>before</p>");
    const posts = (id: string) => ana.messages().filter(({ Props }) => Props.teams_message_id === id);
    await until(() => posts(first.id).length === 1, "the first message");
    await mattermost.stopPlugin();
    await pass(80 * 3_600_000);
    graph.subscriptions.loseNext = 1;
    const missed = await graph.chats.write(chat, ben.objectId, "<p>meanwhile</p>");
    await mattermost.startPlugin();
    await ready();
    await until(() => posts(missed.id).length > 0, "the missed message");
    await until(() => ids().length === 1, "a subscription again");
    expect(ids()).not.toEqual(before);
    const next = await graph.chats.write(chat, ben.objectId, "<p>afterwards</p>");
    await until(() => posts(next.id).length > 0, "the message after it");
    expect([first, missed, next].map(({ id }) => posts(id).length)).toEqual([1, 1, 1]);
  });

  test("get from the webhook the answers of the contract, for every caller", async () => {
    const { base, keys } = await start();
    for (const path of ["/api/v1/graph/changes", "/api/v1/graph/lifecycle"]) {
      const token = "Validation: Testing client application reachability <b>&ü";
      const shake = await post(base, `${path}?validationToken=${encodeURIComponent(token)}`, null);
      expect([shake.status, await shake.text()]).toEqual([200, token]);
      expect(shake.headers.get("Content-Type")).toStartWith("text/plain");
      const statuses = async (...bodies: (string | null)[]) =>
        Promise.all(bodies.map(async (body) => (await post(base, path, body)).status));
      expect((await post(base, `${path}?validationToken=${"x".repeat(4_097)}`, null)).status).toBe(400);
      expect(await statuses("{", "[]", "null", "{}", '{"value":1}', "")).toEqual(Array(6).fill(400));
      expect(await statuses('{"value":[]}', '{"value":[{}]}', '{"value":[],"validationTokens":"x"}')).toEqual(
        [202, 202, 202],
      );
      expect(await statuses(JSON.stringify({ value: ["x".repeat(4 * 1024 * 1024)] }))).toEqual([413]);
      for (const method of ["GET", "PUT", "DELETE", "PATCH"])
        expect([method, (await fetch(base + path, { method })).status]).toEqual([method, 405]);
    }
    expect(keys().filter((key) => key.startsWith("queue_changes"))).toEqual([]);
  });
});
