import { describe, expect, test } from "bun:test";
import { newKeyText } from "../../../platform/store/sealed.ts";
import {
  HOUR,
  later,
  live,
  MINUTE,
  openSubscriptions,
  started,
  state,
  use,
  world,
} from "../testing/one-subscription.ts";
import { ringOf, SubscriptionsWorld, sent, TestListener } from "../testing/subscriptions-world.ts";

openSubscriptions();

const patches = () => world.calls.filter((call) => call.startsWith("PATCH")).length;

describe("a subscription", () => {
  test("is made at the start, with lifecycle address, certificate and its own secret", async () => {
    await started();
    await live();
    const [one] = world.remote;
    expect(one).toMatchObject({
      resource: "/chats/getAllMessages",
      changeType: "created,updated,deleted",
      notificationUrl: `${world.site.url}/plugins/mission-collaboration/api/v1/graph/changes`,
      lifecycleNotificationUrl: `${world.site.url}/plugins/mission-collaboration/api/v1/graph/lifecycle`,
    });
    expect(one?.clientState).toMatch(/^[\w-]{22}\.[\w-]{43}$/);
    expect(one?.certificate?.base64).toMatch(/^MII/);
    expect(one?.certificate?.base64.length).toBeGreaterThan(900);
    expect(world.graph.subscriptions.handshakes).toBe(2);
    expect([...world.store.values.values()].map(String).join("")).not.toContain("PRIVATE");
  });

  test("gets changes, with their contents, once each", async () => {
    const { listener } = await started();
    await live();
    await world.graph.subscriptions.notify(sent("1"), sent("2"));
    await world.until("two changes", () => listener.delivered.length === 2);
    expect(listener.delivered[0]).toMatchObject({
      key: "all",
      changeType: "created",
      etag: "1",
      content: { body: { content: "text 1" } },
    });
    await world.until(
      "the time of the notification",
      async () => (await state())?.lastNotificationAt !== null,
    );
  });

  test("gets a change that comes before the answer of the call", async () => {
    use(new SubscriptionsWorld());
    const listener = new TestListener();
    const node = world.node(listener);
    const { subscriptions } = world.graph;
    const { set } = subscriptions.all;
    let delivered: Promise<void> | null = null;
    subscriptions.all.set = (id, one) => {
      set.call(subscriptions.all, id, one);
      delivered = subscriptions.notify(sent("early"));
      return subscriptions.all;
    };
    world.graph.faults.delayMs = 0;
    node.subscriptions.start();
    await live();
    await delivered;
    await world.until("the early change", () => listener.ids.includes("early"));
  });

  test("is renewed at half its life, and only then", async () => {
    await started();
    await live();
    const before = world.remote[0]?.expiresAt ?? 0;
    await later(30 * HOUR);
    await world.until("a round", async () => (await state())?.nextFillAt !== undefined);
    await later(10 * HOUR);
    await world.until("the renewal", () => patches() === 1);
    expect(world.remote).toHaveLength(1);
    expect(world.remote[0]?.expiresAt ?? 0).toBeGreaterThan(before + 30 * HOUR);
  });

  test("that is gone at renewal is made again, and the gap is filled", async () => {
    const { listener } = await started();
    await live();
    await world.until("the first filling", () => listener.gaps.length === 1);
    world.graph.subscriptions.expire(world.remote[0]?.id ?? "");
    await later(40 * HOUR);
    await world.until("another one", () => world.remote.length === 1);
    await world.until("the gap", () => listener.gaps.length >= 2);
    const gap = listener.gaps.at(-1);
    expect((gap?.to ?? 0) - (gap?.from ?? 0)).toBeGreaterThan(39 * HOUR);
  });

  test("that expired while the machine slept is noticed at once", async () => {
    await started();
    await live();
    const [before] = world.remote;
    await later(80 * HOUR);
    await world.until("another one", () => world.remote.length === 1 && world.remote[0]?.id !== before?.id);
  });

  test("ends without leaving anything when the feature is switched off", async () => {
    const { node, listener } = await started();
    await live();
    listener.on = false;
    node.subscriptions.wishesChanged();
    await world.until("no subscription", () => world.remote.length === 0);
    await world.until(
      "no record",
      () =>
        ![...world.store.values.keys()].some((key) => key.startsWith("subscri") && !/secret|keys/.test(key)),
    );
    expect((await node.request("/api/v1/graph/changes", { method: "POST" })).status).toBe(404);
  });

  test("is replaced when the site URL changes", async () => {
    await started();
    await live();
    const [before] = world.remote;
    const elsewhere = world.site.url.replace("localhost", "127.0.0.1");
    world.config.save({}, elsewhere);
    await world.until("the new one", () => world.remote.length === 1 && world.remote[0]?.id !== before?.id);
    expect(world.remote[0]?.notificationUrl).toStartWith(elsewhere);
  });

  test("is replaced when Notification address changes; the plugin's path is not doubled", async () => {
    await started();
    await live();
    const elsewhere = world.site.url.replace("localhost", "127.0.0.1");
    world.config.save({ notification_url: `${elsewhere}/plugins/mission-collaboration/` });
    await world.until("the new one", () => world.remote[0]?.notificationUrl.startsWith(elsewhere) === true);
    expect(world.remote[0]?.notificationUrl).toBe(
      `${elsewhere}/plugins/mission-collaboration/api/v1/graph/changes`,
    );
    expect(world.remote).toHaveLength(1);
  });

  test("of a former client is removed with that client's credential", async () => {
    await started();
    await live();
    const { app, secret } = world.tenant.register("Another", "localhost");
    world.tenant.grantRole(app.appId, "Chat.Read.All");
    world.config.save({ m365_client_id: app.appId, m365_client_secret: secret });
    await world.until(
      "the new one",
      () => world.remote.length === 1 && world.remote[0]?.applicationId === app.appId,
    );
  });

  test("is made once by two nodes, and the second takes over", async () => {
    use(new SubscriptionsWorld());
    const [one, two] = [new TestListener(), new TestListener()];
    const [first, second] = [world.node(one), world.node(two)];
    first.subscriptions.start();
    second.subscriptions.start();
    await live();
    expect(world.calls.filter((call) => call === "POST /subscriptions 201")).toHaveLength(1);
    await first.subscriptions.stop();
    world.front = second;
    await world.graph.subscriptions.notify(sent("1"));
    await world.until("the change on the other node", () => two.ids.includes("1"));
    await later(40 * HOUR, second);
    await world.until("the renewal", () => patches() === 1);
    expect(world.calls.filter((call) => call === "POST /subscriptions 201")).toHaveLength(1);
  });
});

describe("lifecycle events", () => {
  test("a request to reauthorize causes one renewal, although it comes three times", async () => {
    await started();
    await live();
    const id = world.remote[0]?.id ?? "";
    for (let time = 0; time < 3; time += 1)
      await world.graph.subscriptions.lifecycle(id, "reauthorizationRequired");
    await world.until("the renewal", () => patches() >= 1);
    await later(MINUTE / 2);
    await Bun.sleep(30);
    expect(patches()).toBe(1);
    await later(2 * MINUTE);
    await world.graph.subscriptions.lifecycle(id, "reauthorizationRequired");
    await world.until("a second one, later", () => patches() === 2);
  });

  test("a subscription that Microsoft removed is made again, and the gap is filled", async () => {
    const { listener } = await started();
    await live();
    await world.until("the first filling", () => listener.gaps.length === 1);
    const id = world.remote[0]?.id ?? "";
    await world.graph.subscriptions.lifecycle(id, "subscriptionRemoved");
    await world.until("another one", () => world.remote.length === 1 && world.remote[0]?.id !== id);
    await world.until("the gap", () => listener.gaps.length === 2);
  });

  test("missed changes are read", async () => {
    const { listener } = await started();
    await live();
    await world.until("the first filling", () => listener.gaps.length === 1);
    await world.graph.subscriptions.lifecycle(world.remote[0]?.id ?? "", "missed");
    await world.until("the gap", () => listener.gaps.length === 2);
    expect(world.remote).toHaveLength(1);
  });
});

describe("keys", () => {
  test("a certificate is renewed twice a year; the old key still decrypts what is in transit", async () => {
    const { listener } = await started();
    await live();
    const old = world.remote[0]?.certificate;
    await later(181 * 24 * HOUR);
    await world.until("another certificate", () => (world.remote[0]?.certificate?.id ?? old?.id) !== old?.id);
    const [one] = world.remote;
    const current = one?.certificate;
    if (one && old) one.certificate = old;
    await world.graph.subscriptions.notify(sent("late"));
    if (one && current) one.certificate = current;
    await world.graph.subscriptions.notify(sent("new"));
    await world.until("both", () => listener.delivered.length === 2);
    expect(listener.delivered.map(({ content }) => content !== null)).toEqual([true, true]);
  });

  test("after a change of the encryption key the private key is encrypted again, and stays", async () => {
    use(new SubscriptionsWorld());
    const text = newKeyText();
    world.ring = ringOf(text);
    const listener = new TestListener();
    const node = world.node(listener);
    node.subscriptions.start();
    await live();
    const before = String(world.store.values.get("subscriptions_keys"));
    const next = newKeyText();
    world.ring = ringOf(next, text);
    await later(MINUTE);
    await world.until("another seal", () => String(world.store.values.get("subscriptions_keys")) !== before);
    await node.subscriptions.stop();
    world.ring = ringOf(next);
    const restarted = world.node(listener);
    world.front = restarted;
    restarted.subscriptions.start();
    await world.graph.subscriptions.notify(sent("1"));
    await world.until("the change", () => listener.ids.includes("1"));
    expect(listener.delivered[0]?.content).not.toBeNull();
    expect(patches()).toBe(0);
  });

  test("a key that cannot be opened any more is replaced; changes sealed for it come without content", async () => {
    const { node, listener } = await started();
    await live();
    await node.subscriptions.stop();
    world.ring = ringOf(newKeyText());
    const restarted = world.node(listener);
    world.front = restarted;
    await world.graph.subscriptions.notify(sent("unreadable"));
    restarted.subscriptions.start();
    await world.until("the change", () => listener.ids.includes("unreadable"));
    expect(listener.delivered[0]?.content).toBeNull();
    await world.until("another certificate", () => patches() === 1);
    await world.graph.subscriptions.notify(sent("readable"));
    await world.until("the change", () => listener.ids.includes("readable"));
    expect(listener.delivered[1]?.content).not.toBeNull();
  });
});

test("gaps are filled hourly even when nothing seems to be missing", async () => {
  const { listener } = await started();
  await live();
  await world.until("the first filling", () => listener.gaps.length === 1);
  world.graph.subscriptions.loseNext = 1;
  await world.graph.subscriptions.notify(sent("lost"));
  await later(30 * MINUTE);
  await Bun.sleep(30);
  expect(listener.gaps).toHaveLength(1);
  await later(40 * MINUTE);
  await world.until("the next filling", () => listener.gaps.length === 2);
});
