import { expect, test } from "bun:test";
import type { SubscriptionStatus, SubscriptionsStatus } from "../microsoft/subscriptions/index.ts";
import { openStage, world } from "./testing/stage.ts";

openStage();

const row = (wish: string, problem: SubscriptionStatus["problem"] = null): SubscriptionStatus => ({
  ...{ wish, kind: "events", delivery: "webhook", since: 1, expiresAt: 2 },
  ...{ lastNotificationAt: 3, lastFilledAt: 4, nextFillAt: 5, problem },
});
const refused = { code: "quota_of_app", detail: "403 Forbidden", since: 1, tries: 2, nextTryAt: 9 };
const status = (subscriptions: SubscriptionStatus[]): SubscriptionsStatus => ({
  ...{ subscriptions, delayMs: null, notificationUrl: "https://chat.sandbox.example/p" },
  ...{ lastHandshakeAt: 7, certificate: { id: "c", madeAt: 6 }, alarms: [], waiting: 1 },
});

test("while no feature listens, the page says only that", async () => {
  expect((await world().ask("GET", "/api/v1/admin/changes")).answer).toEqual({ active: false });
});

test("lists each subscription with its error and cure in the admin's language, failing ones first", async () => {
  const { ask } = world({ changes: status([row("a"), row("b", refused)]) });
  const { answer } = await ask("GET", "/api/v1/admin/changes", undefined, { "Accept-Language": "de" });
  expect(answer).toMatchObject({
    active: true,
    total: 2,
    reach: { state: "reached", at: 7, by: "reached" },
    certificateMade: 6,
    waiting: 1,
  });
  expect(answer.subscriptions.map(({ wish }: { wish: string }) => wish)).toEqual(["b", "a"]);
  expect(answer.subscriptions[0].problem).toMatchObject({
    code: "quota_of_app",
    detail: "403 Forbidden",
    says: "Ein anderer Server hat diese Ressource mit derselben App-Registrierung abonniert.",
  });
  expect(answer.subscriptions[0].problem.cure).toContain("eigene App-Registrierung");
});

test("counts 5,000 calendars and shows 200 of them", async () => {
  const many = Array.from({ length: 5000 }, (_, at) => row(`calendar-${at}`, at === 4999 ? refused : null));
  const { answer } = await world({ changes: status(many) }).ask("GET", "/api/v1/admin/changes");
  expect(answer.total).toBe(5000);
  expect(answer.subscriptions).toHaveLength(200);
  expect(answer.subscriptions[0].wish).toBe("calendar-4999");
});

test("a retry is requested once, and audited", async () => {
  const { ask, retries, audits } = world({ changes: status([row("b", refused)]) });
  expect((await ask("POST", "/api/v1/admin/changes/retry")).status).toBe(202);
  expect(retries).toHaveLength(1);
  expect(audits.at(-1)).toMatchObject({ EventName: "microsoft365_subscriptions_retried", Status: "success" });
});
