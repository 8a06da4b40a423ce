import { describe, expect, test } from "bun:test";
import { sentence, tableLanguages } from "../../platform/i18n/tables.ts";
import { changesArrive, lookAt, reachable } from "./checks.ts";
import { type ProblemCode, problems } from "./problems.ts";
import type { SubscriptionStatus, SubscriptionsStatus } from "./status.ts";
import { changesTables } from "./words.ts";

const healthy: SubscriptionStatus = {
  ...{ wish: "chats", kind: "all_chats", delivery: "webhook" },
  ...{ since: 1, expiresAt: 2, lastNotificationAt: null, lastFilledAt: null, nextFillAt: 3, problem: null },
};
const failing = (code: ProblemCode, detail = ""): SubscriptionStatus => ({
  ...healthy,
  problem: { code, detail, since: 1, tries: 1, nextTryAt: 2 },
});
const status = (change: Partial<SubscriptionsStatus> = {}): SubscriptionsStatus => ({
  ...{ subscriptions: [healthy], delayMs: null, notificationUrl: "https://chat.example.com/p" },
  ...{ lastHandshakeAt: null, certificate: null, alarms: [], waiting: 0 },
  ...change,
});

describe("the row about arriving changes", () => {
  test("states notifications, or polling with its delay", () => {
    expect(changesArrive(status())).toEqual({
      state: "ok",
      seen: [{ code: "subscribed", values: { count: 1 } }],
    });
    expect(changesArrive(status({ delayMs: 300_000 })).seen).toEqual([
      { code: "polled", values: { count: 1, minutes: 5 } },
    ]);
    expect(changesArrive(status({ subscriptions: [] })).state).toBe("unknown");
  });
  test("a fault that a person must fix is a problem; one that may pass is a warning", () => {
    const subscriptions = [
      healthy,
      failing("quota_of_app"),
      failing("permission_missing"),
      failing("quota_of_app"),
    ];
    expect(changesArrive(status({ subscriptions }))).toEqual({
      state: "problem",
      seen: [
        { code: "subscribed", values: { count: 4 } },
        { code: "failing", values: { count: 3, total: 4 } },
        { code: "quota_of_app" },
        { code: "permission_missing" },
      ],
      cure: "quota_of_app",
    });
    expect(changesArrive(status({ subscriptions: [failing("microsoft_busy")] })).state).toBe("warning");
  });
  test("forged notifications are a warning", () => {
    const alarms = [{ reason: "unproven", count: 2, lastAt: 1 } as const];
    expect(changesArrive(status({ alarms }))).toMatchObject({ state: "warning", cure: "alarms" });
  });
});

describe("the row about reaching this server", () => {
  const answer = (change: Partial<SubscriptionsStatus>) => reachable(status(change));
  test("shows the result of the validation", () => {
    const subscriptions = [failing("webhook_unreachable", "400 ValidationError 1-2")];
    expect(answer({ subscriptions, lastHandshakeAt: 1 })).toMatchObject({
      state: "problem",
      seen: [
        { code: "webhook_unreachable" },
        { code: "microsoft_said", values: { detail: "400 ValidationError 1-2" } },
      ],
      setting: "notification_url",
    });
  });
  test("uses the last validation request or notification", () => {
    expect(answer({ lastHandshakeAt: Date.UTC(2026, 10, 28, 9) })).toEqual({
      state: "ok",
      seen: [{ code: "reached", values: { when: "2026-11-28 09:00 UTC" } }],
    });
    const subscriptions = [{ ...healthy, lastNotificationAt: Date.UTC(2026, 10, 28, 10) }];
    expect(answer({ subscriptions, lastHandshakeAt: 5 }).seen).toEqual([
      { code: "notified", values: { when: "2026-11-28 10:00 UTC" } },
    ]);
  });
  test("is unknown before the first request, and not needed with polling", () => {
    expect(answer({})).toMatchObject({ state: "unknown" });
    expect(answer({ delayMs: 1 })).toMatchObject({ state: "ok", seen: [{ code: "not_needed" }] });
  });
});

test("there are no rows while no feature listens", async () => {
  const rows = (active: boolean) =>
    Promise.all(
      (["changes", "changes_reachable"] as const).map((id) =>
        lookAt(id, { active: () => active, status: async () => status() }),
      ),
    );
  expect(await rows(false)).toEqual([null, null]);
  expect((await rows(true)).map((row) => row?.state)).toEqual(["ok", "unknown"]);
});

test("every problem has a text and a cure in every language", () => {
  const tables = changesTables();
  for (const language of tableLanguages) {
    expect(Object.keys(tables[language])).toEqual(Object.keys(tables.en));
    for (const code of Object.keys(problems))
      for (const kind of ["seen", "cure"]) expect(sentence(tables, language, `${kind}.${code}`)).toBeString();
  }
});
