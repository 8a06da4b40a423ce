import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { refreshTokens } from "../../entra/delegated-tokens.ts";
import { fixedToken } from "../../graph/index.ts";
import { SubscriptionsWorld, TestListener } from "../testing/subscriptions-world.ts";

const w = new SubscriptionsWorld();
afterAll(() => w.stop());

const ANA = "a".repeat(26);
const BEN = "b".repeat(26);
const SCOPES = ["User.Read", "Calendars.Read"];

async function tokenOf(name: string): Promise<string> {
  const person = w.tenant.addPerson({ displayName: name, userPrincipalName: `${name}@sandbox.example` });
  w.tenant.agree(w.clientId, person.objectId, SCOPES);
  const refresh = w.entra.delegated.issueRefresh(w.clientId, person.objectId, SCOPES);
  const answer = await refreshTokens({ config: w.config.current, fetch: w.fetch }, refresh, SCOPES);
  if (!answer.ok) throw new Error(answer.code);
  return answer.tokens.accessToken;
}

describe("the subscriptions of a person who disconnects", () => {
  const listener = new TestListener("calendar", []);
  const node = w.node(listener);
  let ana = "";
  let ben = "";

  beforeAll(async () => {
    [ana, ben] = [await tokenOf("ana"), await tokenOf("ben")];
    listener.wanted = [[ANA, ana] as const, [BEN, ben] as const].map(([userId, token]) => ({
      key: `events.${userId}`,
      resource: "/me/events",
      changeTypes: ["created", "updated", "deleted"],
      includeResourceData: false,
      credential: fixedToken(token),
    }));
    node.subscriptions.start();
    await w.until("two subscriptions", () => w.remote.length === 2);
    await w.until(
      "their ids are kept",
      async () => (await node.subscriptions.status()).subscriptions.length === 2,
    );
  });

  test("are deleted with their token, including strays, and nobody else's", async () => {
    // The answer of one creation was lost, so only the person's own list shows it.
    const [first] = w.remote.filter(({ creatorId }) => creatorId !== null);
    expect(first).toBeDefined();
    const mine = w.remote.find((one) => one.creatorId === first?.creatorId);
    if (mine) w.graph.subscriptions.all.set("stray", { ...mine, id: "stray" });
    listener.wanted = listener.wanted.filter(({ key }) => !key.includes(ANA));
    expect(await node.subscriptions.concerns(ANA)).toBe(true);
    const token = first?.creatorId === ownerOf(ana) ? ana : ben;
    const who = token === ana ? ANA : BEN;
    await node.subscriptions.release(who, fixedToken(token), AbortSignal.timeout(5_000));
    expect(w.remote.map(({ creatorId }) => creatorId === ownerOf(token))).toEqual([false]);
    expect(await node.subscriptions.concerns(who)).toBe(false);
    expect(await node.subscriptions.concerns(who === ANA ? BEN : ANA)).toBe(true);
  });

  test("stay when the app made them, because they belong to the app", async () => {
    const CY = "c".repeat(26);
    const app = { changeTypes: ["created"], includeResourceData: false } as const;
    listener.wanted = [{ ...app, key: CY, resource: "/users/99999999-2222-3333-4444-555555555555/events" }];
    node.subscriptions.wishesChanged();
    await w.until("the app's subscription", async () =>
      (await node.subscriptions.status()).subscriptions.some(
        ({ since, wish }) => wish.includes(CY) && since !== null,
      ),
    );
    expect(await node.subscriptions.concerns(CY)).toBe(false);
    await node.subscriptions.release(CY, fixedToken(ana), AbortSignal.timeout(5_000));
    expect(w.remote.some(({ creatorId }) => creatorId === null)).toBe(true);
    const { subscriptions } = await node.subscriptions.status();
    expect(subscriptions.find(({ wish }) => wish.includes(CY))?.since).not.toBeNull();
  });
});

const ownerOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { oid: string }).oid;
