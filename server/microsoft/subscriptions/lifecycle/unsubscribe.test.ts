import { afterAll, describe, expect, test } from "bun:test";
import { randomUUID } from "node:crypto";
import { createAppTokens } from "../../entra/app-token.ts";
import { refreshTokens } from "../../entra/delegated-tokens.ts";
import { type Credential, createGraph } from "../../graph/index.ts";
import type { SubscriptionWish } from "../index.ts";
import { subscriptionsOnDemand } from "../on-demand.ts";
import { chats, SubscriptionsWorld, TestListener } from "../testing/subscriptions-world.ts";

const worlds: SubscriptionsWorld[] = [];
afterAll(() => Promise.all(worlds.map((w) => w.stop())));

async function world(
  isSwitchedOff: () => Promise<boolean>,
  {
    listener = new TestListener(),
    prepare = async (_: SubscriptionsWorld) => {},
    timing = "until given up" as "until given up" | "as the product",
  } = {},
) {
  const w = new SubscriptionsWorld();
  worlds.push(w);
  await prepare(w);
  const { config, fetch } = w;
  const last = createGraph({
    config,
    fetch,
    tokens: createAppTokens({ config, fetch }),
    sleep: async () => {},
  });
  const limit = Promise.withResolvers<void>();
  const tooLong = timing === "until given up" ? () => limit.promise : undefined;
  w.make = (ports) =>
    subscriptionsOnDemand({
      ...ports,
      end: { isSwitchedOff, graph: () => last, ...(tooLong ? { tooLong } : {}) },
    });
  const node = w.node(listener);
  node.subscriptions.start();
  await w.until(
    "a subscription whose id is kept",
    async () =>
      w.remote.length === listener.wanted.length &&
      (await node.subscriptions.status()).subscriptions[0]?.expiresAt !== undefined,
  );
  await w.until("each registration has its id", () => {
    const stored = [...w.store.values.values()].map((value) => Buffer.from(value).toString()).join();
    return w.remote.every(({ id }) => stored.includes(id));
  });
  return { w, node, giveUp: limit.resolve };
}

describe("when the plugin ends", () => {
  test("deletes the subscriptions at Microsoft when an admin switches the plugin off", async () => {
    const { w, node } = await world(async () => true);
    await node.subscriptions.stop();
    expect(w.remote).toEqual([]);
  });

  test("keeps them when the server restarts", async () => {
    const { w, node } = await world(async () => false);
    await node.subscriptions.stop();
    expect(w.remote).toHaveLength(1);
  });

  test("keeps them when the reason is unknown", async () => {
    const { w, node } = await world(() => Promise.reject(new Error("the server is gone")));
    await node.subscriptions.stop();
    expect(w.remote).toHaveLength(1);
  });

  test("does not wait when Microsoft does not answer", async () => {
    const { w, node } = await world(async () => true, { timing: "as the product" });
    w.graph.setFaults({ delayMs: 600_000 });
    await node.subscriptions.stop();
    // Nothing was deleted: Microsoft has not answered yet.
    expect(w.remote).toHaveLength(1);
    w.graph.healthy();
  });

  test("creates new ones when an admin switches it on again", async () => {
    const { w, node } = await world(async () => true);
    await node.subscriptions.stop();
    node.subscriptions.start();
    await w.until("a subscription again", () => w.remote.length === 1);
  });
});

describe("subscriptions made with a person's token", () => {
  const own: SubscriptionWish = {
    key: `events.${"a".repeat(26)}`,
    resource: "/me/events",
    changeTypes: ["created"],
    includeResourceData: false,
  };

  async function withToken(later: (token: string) => Credential["token"]) {
    const person = { displayName: "Ana", userPrincipalName: `${randomUUID()}@sandbox.example` };
    let token: Credential["token"] = () => Promise.reject(new Error("not yet"));
    let after = token;
    const listener = new TestListener("calendar", [
      chats,
      { ...own, credential: { token: (minutes) => token(minutes), forget() {} } },
    ]);
    const { w, node, giveUp } = await world(async () => true, {
      listener,
      prepare: async (made) => {
        const { objectId } = made.tenant.addPerson(person);
        const scopes = ["User.Read", "Calendars.Read"];
        made.tenant.agree(made.clientId, objectId, scopes);
        const refresh = made.entra.delegated.issueRefresh(made.clientId, objectId, scopes);
        const answer = await refreshTokens(
          { config: made.config.current, fetch: made.fetch },
          refresh,
          scopes,
        );
        if (!answer.ok) throw new Error(answer.code);
        const { accessToken } = answer.tokens;
        token = async () => accessToken;
        after = later(accessToken);
      },
    });
    token = after;
    return { w, node, giveUp };
  }

  test("are deleted with that token", async () => {
    const { w, node } = await withToken((token) => async () => token);
    await node.subscriptions.stop();
    expect(w.remote).toEqual([]);
  });

  for (const [name, token] of [
    ["is gone", () => Promise.reject(new Error("lost"))],
    ["does not arrive", () => new Promise<never>(() => {})],
  ] as const) {
    test(`stay when the token ${name}, without delaying the end`, async () => {
      const { w, node, giveUp } = await withToken(() => token);
      const stopped = node.subscriptions.stop();
      await w.until("only theirs", () => w.remote.length === 1);
      giveUp();
      await stopped;
      expect(w.remote.map(({ resource }) => resource)).toEqual(["/me/events"]);
    });
  }
});
