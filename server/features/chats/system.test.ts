/** Tests Teams chats for admins: counts by reason, the last failure, and the steps of a test message. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { SubscriptionStatus, SubscriptionsStatus } from "../../microsoft/subscriptions/index.ts";
import { tableLanguages } from "../../platform/i18n/tables.ts";
import { chatsSystem } from "./system.ts";
import { ChatsWorld, type Member, type Node } from "./testing/chats-world.ts";
import { Microsoft } from "./testing/microsoft.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());

let world: ChatsWorld;
let node: Node;
let cy: Member;
beforeEach(() => {
  world = new ChatsWorld(microsoft);
  node = world.node();
  cy = world.member("cy");
});
afterEach(() => world.stop());

const works: SubscriptionStatus = {
  ...{ wish: "chats all", kind: "all_chats", delivery: "webhook", since: 1_000, expiresAt: 9_000 },
  ...{ lastNotificationAt: 5_000, lastFilledAt: null, nextFillAt: 0, problem: null },
};
const statusOf = (one: Partial<SubscriptionStatus>, more: Partial<SubscriptionsStatus> = {}) => ({
  ...{ subscriptions: [{ ...works, ...one }], delayMs: null, notificationUrl: "https://chat.example.com" },
  ...{ lastHandshakeAt: null, certificate: null, alarms: [], waiting: 2 },
  ...more,
});

interface Given {
  readonly status?: SubscriptionsStatus;
  readonly contents?: "opened" | "none" | "unreadable";
  readonly isOn?: boolean;
}

function made({ contents = "opened", isOn = true, status = statusOf({}) }: Given = {}) {
  const posts: string[] = [];
  const system = chatsSystem({
    isOn: () => isOn,
    chats: async () => node.chats,
    subscriptions: { status: async () => status, tryContents: async () => contents },
    bot: {
      direct: async (_to, { text }) => {
        posts.push(text);
        return {} as never;
      },
    },
    api: { getUser: async () => cy.user },
  });
  const steps = async () => {
    const all = (await system.test?.run({ userId: cy.user.Id })) ?? [];
    return all.map(({ id, ok, seen }) => `${id} ${ok ? "ok" : "no"} ${seen.code}`);
  };
  return { posts, steps, system };
}

describe("the state", () => {
  test("counts posted and discarded messages, by reason", async () => {
    const ben = world.stranger("Ben Baker");
    const chat = world.teams.direct(ben.objectId, cy.person.objectId);
    await world.write(node, chat, ben, "<p>one</p>");
    await node.chats.settings.change(cy.user.Id, { on: false });
    await world.write(node, chat, ben, "<p>two</p>");
    const state = await made().system.look();
    expect(state.figures).toContainEqual({ code: "delivered", count: 1 });
    expect(state.figures).toContainEqual({ code: "waiting", count: 2 });
    expect(state.reasons).toEqual([{ code: "user_disabled_notifications", count: 1 }]);
    expect(state.trouble).toEqual([]);
  });

  test("has the last failure until something is posted again", async () => {
    const ben = world.stranger("Ben Baker");
    const chat = world.teams.direct(ben.objectId, cy.person.objectId);
    world.outgoing = () => {
      throw new Error("the network is down");
    };
    const message = world.teams.put(chat, ben.objectId, {
      body: { contentType: "html", content: "<p>one</p>" },
    });
    await world.change(node, message, "created", { content: null });
    expect((await made().system.look()).trouble).toMatchObject([
      { state: "warning", seen: { code: "microsoft_unreachable" }, cure: "microsoft_unreachable" },
    ]);
    world.outgoing = () => {};
    await world.change(node, message);
    expect((await made().system.look()).trouble).toEqual([]);
  });

  test("names the problem of the subscription", async () => {
    const problem = { code: "quota_of_app", detail: "", since: 7, tries: 1, nextTryAt: 9 } as const;
    expect((await made({ status: statusOf({ problem }) }).system.look()).trouble).toEqual([
      {
        ...{ state: "problem", seen: { code: "quota_of_app" }, cure: "quota_of_app", at: 7 },
        place: { page: "changes" },
      },
    ]);
  });

  test("switched off, shows nothing else", async () => {
    expect(await made({ isOn: false }).system.look()).toEqual({ isOn: false, figures: [] });
  });
});

describe("a test message", () => {
  test("takes each step and is posted once", async () => {
    const { posts, steps } = made();
    expect(await steps()).toEqual([
      "subscription ok subscribed_until",
      "notification ok reached",
      "decrypt ok contents_opened",
      "recipient ok recipient_ok",
      "presence ok presence_ok",
      "post ok posted",
    ]);
    expect(posts).toEqual([
      "This is a test of Teams chats in Mattermost. A message from Teams would be here.",
    ]);
  });

  test("is posted even to somebody to whom Teams shows messages itself, and says so", async () => {
    microsoft.graph.presence.all.set(cy.person.objectId, {
      availability: "Available",
      activity: "Available",
    });
    const { posts, steps } = made();
    expect(await steps()).toContain("presence ok user_active_in_teams_now");
    expect(posts).toHaveLength(1);
  });

  const problem = { code: "webhook_unreachable", detail: "", since: 7, tries: 1, nextTryAt: 9 } as const;
  const refused: [name: string, given: Given, last: string][] = [
    ["switched off", { isOn: false }, "subscription no switched_off"],
    ["without a subscription", { status: statusOf({ since: null }) }, "subscription no not_subscribed_yet"],
    ["whose subscription fails", { status: statusOf({ problem }) }, "subscription no webhook_unreachable"],
    ["without a certificate", { contents: "none" }, "decrypt no contents_none"],
    ["whose key is lost", { contents: "unreadable" }, "decrypt no contents_unreadable"],
  ];
  for (const [name, given, last] of refused)
    test(`${name} stops there, and nothing is posted`, async () => {
      const { posts, steps } = made(given);
      expect((await steps()).at(-1)).toBe(last);
      expect(posts).toEqual([]);
    });

  test("to somebody who is not connected, or switched it off, stops at the recipient", async () => {
    const { steps } = made();
    await node.chats.settings.change(cy.user.Id, { on: false });
    expect((await steps()).at(-1)).toBe("recipient no user_disabled_notifications");
    world.disconnect(cy);
    await world.clock.pass(60_000);
    expect((await steps()).at(-1)).toBe("recipient no not_connected");
  });

  test("with polling, needs neither a call of Microsoft nor a key", async () => {
    const { steps } = made({ status: statusOf({ since: null }, { delayMs: 300_000 }), contents: "none" });
    expect(await steps()).toEqual([
      "subscription ok asks_microsoft",
      "notification ok not_needed",
      "decrypt ok not_needed",
      "recipient ok recipient_ok",
      "presence ok presence_ok",
      "post ok posted",
    ]);
  });
});

test("each step, reason and failure has a text in every language", () => {
  const tables = made().system.words();
  const keys = Object.keys(tables.en).filter((key) => !key.endsWith(".one"));
  for (const language of tableLanguages)
    for (const key of keys) expect([language, key, tables[language][key]]).not.toContain(undefined);
  for (const step of ["subscription", "notification", "decrypt", "recipient", "presence", "post"])
    expect(tables.en[`step.${step}`]).toBeString();
  for (const code of ["microsoft_busy", "microsoft_unreachable", "post_failed", "internal_error"])
    expect([tables.en[`seen.${code}`], tables.en[`cure.${code}`]]).not.toContain(undefined);
});
