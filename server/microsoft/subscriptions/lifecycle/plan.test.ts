import { describe, expect, test } from "bun:test";
import { GraphError } from "../../graph/index.ts";
import { detailOf, problemOf, waitMs } from "../problems.ts";
import { TestListener } from "../testing/subscriptions-world.ts";
import { fillEveryMs, lifetimeMs, plan, renewAt, type Target, type Wished } from "./plan.ts";
import { newState, type Registration, type WishState } from "./registrations.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 10, 28, 12);
const target: Target = {
  notificationUrl: "https://chat.example.com/changes",
  lifecycleUrl: "https://chat.example.com/lifecycle",
  tenantId: "tenant",
  clientId: "client",
  certificateId: "certificate",
};
const wished: Wished = {
  id: "chats/all",
  listener: new TestListener(),
  wish: {
    key: "all",
    resource: "/chats/getAllMessages",
    changeTypes: ["created", "updated"],
    includeResourceData: true,
  },
};
const good: Registration = {
  id: "r1",
  wish: "chats/all",
  resource: "/chats/getAllMessages",
  changeTypes: "created,updated",
  notificationUrl: target.notificationUrl,
  tenantId: "tenant",
  clientId: "client",
  certificateId: "certificate",
  subscriptionId: "s1",
  madeAt: NOW - HOUR,
  renewedAt: 0,
  renewAt: NOW + 30 * HOUR,
  expiresAt: NOW + 70 * HOUR,
  asked: null,
};
const waiting = (nextTryAt: number): WishState => ({
  ...newState,
  problem: { code: "microsoft_busy", detail: "", since: 0, tries: 1, nextTryAt },
});

describe("the plan of a round", () => {
  const cases: [
    name: string,
    registrations: Registration[],
    expected: string[],
    more?: Partial<{ wishes: Wished[]; state: WishState; target: Target }>,
  ][] = [
    ["nothing is there", [], ["create"]],
    ["all is well", [good], []],
    ["half of the life is over", [{ ...good, renewAt: NOW }], ["renew r1"]],
    ["Graph asks for authorization", [{ ...good, asked: "reauthorize" }], ["renew r1"]],
    ["the certificate is an older one", [{ ...good, certificateId: "old" }], ["renew r1"]],
    ["Graph removed it", [{ ...good, asked: "removed" }], ["remove r1", "create"]],
    ["it has expired", [{ ...good, expiresAt: NOW }], ["remove r1", "create"]],
    ["the call is under way", [{ ...good, subscriptionId: null, madeAt: NOW - MINUTE }], []],
    [
      "the call was never answered",
      [{ ...good, subscriptionId: null, madeAt: NOW - 3 * MINUTE }],
      ["remove r1", "create"],
    ],
    ["another site URL", [{ ...good, notificationUrl: "https://old.example.com" }], ["remove r1", "create"]],
    ["another tenant", [{ ...good, tenantId: "old" }], ["remove r1", "create"]],
    ["another client", [{ ...good, clientId: "old" }], ["remove r1", "create"]],
    ["other change types", [{ ...good, changeTypes: "created" }], ["remove r1", "create"]],
    ["without contents so far", [{ ...good, certificateId: null }], ["remove r1", "create"]],
    ["two of them: the younger stays", [{ ...good, id: "r0", madeAt: 1 }, good], ["remove r0"]],
    [
      "a known one and one under way",
      [{ ...good, id: "r2", subscriptionId: null, madeAt: NOW }, good],
      ["remove r2"],
    ],
    ["nobody wishes for it", [good], ["remove r1"], { wishes: [] }],
    ["it must wait before it is made", [], [], { state: waiting(NOW + 1) }],
    ["it has waited", [], ["create"], { state: waiting(NOW) }],
    ["it must wait before it is renewed", [{ ...good, renewAt: NOW }], [], { state: waiting(NOW + 1) }],
    ["no certificate can be made", [], ["block"], { target: { ...target, certificateId: null } }],
    ["no certificate now, one before", [good], [], { target: { ...target, certificateId: null } }],
  ];
  for (const [name, registrations, expected, more = {}] of cases) {
    test(`${name}: ${expected.join(", ") || "nothing"}`, () => {
      const states = new Map(more.state ? [["chats/all", more.state]] : []);
      const wishes = more.wishes ?? [wished];
      const steps = plan({ wishes, registrations, states, target: more.target ?? target, now: NOW });
      const names = [...steps.values()]
        .flat()
        .map((step) => ("registration" in step ? `${step.do} ${step.registration.id}` : step.do));
      expect(names).toEqual(expected);
    });
  }
});

describe("times", () => {
  test("a renewal is due at half the life, give or take a tenth", () => {
    expect(renewAt(0, 1_000, 0)).toBe(450);
    expect(renewAt(0, 1_000, 0.999)).toBe(549);
  });

  test("a life is within Microsoft's limit", () => {
    expect(lifetimeMs(wished.wish)).toBeLessThan(4_320 * MINUTE);
    const events = { ...wished.wish, resource: "/users/u/events?$select=id" };
    expect(lifetimeMs(events)).toBeLessThan(1_440 * MINUTE);
    expect(lifetimeMs({ ...events, includeResourceData: false })).toBe(lifetimeMs(wished.wish));
  });

  const rounds: [delivery: "webhook" | "polling", requests: number, minutes: number][] = [
    ["webhook", 1, 60],
    ["webhook", 5_000, 125],
    ["polling", 0, 5],
    ["polling", 200, 5],
    ["polling", 201, 6],
    ["polling", 1_000, 25],
  ];
  for (const [delivery, requests, minutes] of rounds) {
    test(`${requests} requests with ${delivery}: every ${minutes} minutes`, () => {
      expect(fillEveryMs(delivery, requests)).toBe(minutes * MINUTE);
    });
  }
});

describe("a refused step", () => {
  const refusal = (status: number, retryAfterMs: number | null = null) =>
    new GraphError({ status, code: "Code <b>", says: "secret eyJ", requestId: "id", retryAfterMs });

  test("waits longer after each try, and never less than Graph asks", () => {
    const soon = [1, 2, 3, 10].map((tries) => waitMs("microsoft_busy", tries, 1));
    expect(soon).toEqual([30_000, 60_000, 120_000, 15 * MINUTE]);
    expect(waitMs("quota_of_app", 1, 1)).toBe(10 * MINUTE);
    expect(waitMs("quota_of_app", 20, 1)).toBe(6 * HOUR);
    expect(waitMs("microsoft_busy", 1, 1, refusal(429, HOUR))).toBe(HOUR);
  });

  for (const [status, code] of [
    [400, "request_refused"],
    [401, "credential_refused"],
    [402, "payment_required"],
    [403, "permission_missing"],
    [404, "resource_gone"],
    [410, "resource_gone"],
    [429, "microsoft_busy"],
    [503, "microsoft_busy"],
  ] as const) {
    test(`${status}: ${code}`, () => expect(problemOf(refusal(status))).toBe(code));
  }

  test("is shown by its identifiers, never by its text", () => {
    expect(detailOf(refusal(403))).toBe("403 Codeb id");
    expect(detailOf(new Error("secret"))).toBe("Error");
  });
});
