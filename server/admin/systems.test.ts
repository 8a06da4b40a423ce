/**
 * The Overview page: each feature that declares a system has a card, whose state follows from checks and diagnostics.
 */

import { describe, expect, test } from "bun:test";
import type { CheckAnswer } from "../platform/checks.ts";
import type { Feature } from "../platform/feature.ts";
import { declaredPermissions } from "../platform/permissions.ts";
import { chatsSettings } from "../platform/settings/index.ts";
import { OFF, type System, type SystemState } from "../platform/system.ts";
import { placeOf } from "./systems.ts";
import { openStage, setUp, world } from "./testing/stage.ts";

openStage();

const words: Readonly<Record<string, string>> = {
  title: "Tea",
  "title.tea": "The kettle",
  "figure.cups": "Cups",
  "reason.cold": "Cold ones",
  "failing.guests": "{count} guests have none.",
  "failing.guests.one": "One guest has none.",
  "seen.dry": "The kettle is dry.",
  "cure.fill": "Fill it.",
  "step.boil": "The water boils",
  "seen.boils": "It does.",
};
const tables = () => ({ en: words, de: { ...words, title: "Tee" }, es: words, fr: words, ja: words });
const good: SystemState = { isOn: true, figures: [{ code: "cups", count: 3 }] };

interface Tea {
  readonly look?: System["look"];
  readonly check?: CheckAnswer;
  readonly test?: System["test"];
}

const tea = ({ look = () => good, check, test: trial }: Tea): Feature => ({
  name: "tea",
  permissions: [
    {
      kind: "application",
      name: "Chat.Read.All",
      isNeeded: (section) => section(chatsSettings).chats_enabled,
    },
    { kind: "application", name: "Presence.Read.All", optional: true, isNeeded: () => true },
  ],
  ...(check ? { checks: [{ id: "tea", words: tables, look: () => check }] } : {}),
  system: async () => ({
    ...{ id: "tea", words: tables, page: "kitchen", setting: "chats_enabled", look },
    ...(trial ? { test: trial } : {}),
  }),
});

async function cards(one: Tea, start: Parameters<typeof setUp>[0] = {}) {
  const features = [tea(one)];
  const permissions = declaredPermissions();
  permissions.declare(features);
  const at = await setUp({ features, permissions, ...start });
  await at.ask("POST", "/api/v1/checks");
  const { answer } = await at.ask("GET", "/api/v1/admin/systems");
  return { ...at, answer, card: answer.systems[0] };
}

describe("a feature that declares a system", () => {
  test("has a card with its numbers in the admin's language, in one request", async () => {
    const { answer, ask, card } = await cards({});
    expect(answer.systems).toHaveLength(1);
    expect(answer.checkedAt).toBeString();
    expect(card).toMatchObject({
      ...{ id: "tea", title: "Tea", health: "working", page: "kitchen", setting: "chats_enabled" },
      figures: [{ code: "cups", says: "Cups", count: 3 }],
      trouble: [],
    });
    const german = await ask("GET", "/api/v1/admin/systems", undefined, { "Accept-Language": "de" });
    expect(german.answer.systems[0].title).toBe("Tee");
  });

  test("that is off has no problems, whatever the checks say", async () => {
    const check = { state: "problem", seen: [{ code: "dry" }], cure: "fill" } as const;
    const { card } = await cards({ look: () => OFF, check });
    expect(card).toMatchObject({ health: "off", trouble: [] });
  });

  test("is broken when its check fails, and says the cure", async () => {
    const check = { state: "problem", seen: [{ code: "dry" }], cure: "fill" } as const;
    const { card } = await cards({ check });
    expect(card.health).toBe("broken");
    expect(card.trouble[0]).toMatchObject({
      ...{ state: "problem", says: "The kettle: The kettle is dry.", cure: "Fill it." },
      place: { page: "checks" },
    });
  });

  test("that warns, or fails for some people, needs attention", async () => {
    const dry = {
      state: "warning",
      seen: { code: "dry" },
      cure: "fill",
      place: { page: "kitchen" },
    } as const;
    expect((await cards({ look: () => ({ ...good, trouble: [dry] }) })).card).toMatchObject({
      health: "attention",
      trouble: [{ says: "The kettle is dry.", cure: "Fill it.", place: { page: "kitchen" } }],
    });
    const failing = [
      { code: "guests", count: 1, place: { page: "guests" } },
      { code: "guests", count: 0, place: { page: "guests" } },
    ];
    expect((await cards({ look: () => ({ ...good, failing }) })).card).toMatchObject({
      health: "attention",
      failing: [{ says: "One guest has none.", count: 1, place: { page: "guests" } }],
    });
  });

  test("whose state cannot be read needs attention; the others have their cards", async () => {
    const broken = () => Promise.reject(new Error("no pot"));
    const { card } = await cards({ look: broken });
    expect(card).toMatchObject({ title: "Tea", health: "attention", figures: [] });
    expect(JSON.stringify(card)).not.toContain("no pot");
  });

  test("that lacks a permission names it, and links to the set-up", async () => {
    const features = [tea({})];
    const permissions = declaredPermissions();
    const bare = await setUp({ permissions, features, settings: { chats_enabled: true } });
    await bare.ask("POST", "/api/v1/checks");
    const cardNow = async () => (await bare.ask("GET", "/api/v1/admin/systems")).answer.systems[0];
    expect(await cardNow()).toMatchObject({ health: "working", trouble: [] });
    // As after an update of the plugin: the registration was created before the permission was needed.
    permissions.declare(features);
    await bare.ask("POST", "/api/v1/checks");
    const card = await cardNow();
    expect(card.health).toBe("broken");
    expect(card.trouble[0].says).toContain("Chat.Read.All is missing.");
    expect(card.trouble[0].place).toEqual({ page: "connect", part: "setup" });
    expect(card.permissions).toMatchObject([
      { name: "Chat.Read.All", missing: true },
      { name: "Presence.Read.All", missing: true, optional: true },
    ]);
  });

  test("names the permissions it will need before it is switched on", async () => {
    const { card } = await cards({ look: () => OFF });
    expect(card.permissions.map(({ name }: { name: string }) => name)).toContain("Chat.Read.All");
  });

  test("without a registration nothing works, and the set-up is the cure", async () => {
    const { answer } = await world({ features: [tea({})] }).ask("GET", "/api/v1/admin/systems");
    expect(answer).toMatchObject({ checkedAt: null });
    expect(answer.systems[0]).toMatchObject({
      health: "broken",
      trouble: [{ place: { page: "connect", part: "setup" } }],
    });
  });
});

test("a press starts a run, and the answer is the new state", async () => {
  const { ask } = world({ features: [tea({})] });
  const { answer } = await ask("POST", "/api/v1/admin/systems/check");
  expect(answer).toMatchObject({ checking: false, systems: [{ id: "tea" }] });
  expect(answer.checkedAt).toBeString();
});

describe("the test of a system", () => {
  const steps = [
    { id: "boil", ok: true, seen: { code: "boils" } },
    { id: "boil", ok: false, seen: { code: "dry" }, cure: "fill", place: { page: "kitchen" } },
  ];
  test("uses the admin's own account and reports each step", async () => {
    const asked: string[] = [];
    const run: NonNullable<System["test"]>["run"] = async ({ userId }) => {
      asked.push(userId);
      return steps;
    };
    const { ask, audits } = await cards({ test: { about: "self", run } });
    const { answer } = await ask("POST", "/api/v1/admin/systems/tea/test", {});
    expect(asked).toEqual(["a".repeat(26)]);
    expect(answer.steps).toEqual([
      { id: "boil", ok: true, title: "The water boils", says: "It does.", cure: "", place: null },
      {
        ...{ id: "boil", ok: false, title: "The water boils", says: "The kettle is dry.", cure: "Fill it." },
        place: { page: "kitchen" },
      },
    ]);
    expect(audits.at(-1)).toMatchObject({ EventName: "microsoft365_system_tested", Status: "fail" });
  });

  test("for a member, needs an existing user", async () => {
    const asked: string[] = [];
    const run: NonNullable<System["test"]>["run"] = async ({ userId }) => {
      asked.push(userId);
      return [];
    };
    const { ask } = await cards({ test: { about: "member", run } });
    const path = "/api/v1/admin/systems/tea/test";
    expect((await ask("POST", path, { username: "nobody" })).status).toBe(404);
    expect((await ask("POST", path, { username: " @ana " })).status).toBe(200);
    expect(asked).toEqual(["ana".padEnd(26, "0")]);
  });

  test("is 404 for an unknown system, or one without a test", async () => {
    const { ask } = await cards({});
    expect((await ask("POST", "/api/v1/admin/systems/tea/test", {})).status).toBe(404);
    expect((await ask("POST", "/api/v1/admin/systems/coffee/test", {})).status).toBe(404);
    expect((await ask("GET", "/api/v1/admin/systems/coffee")).status).toBe(404);
    expect((await ask("GET", "/api/v1/admin/systems/tea")).status).toBe(200);
  });
});

test("a check's row links to a button of ours, else to its setting, else to the page", () => {
  expect(placeOf({ id: "catalog", setting: "app_package" })).toEqual({ page: "teams_app", part: "publish" });
  expect(placeOf({ id: "credential", setting: "m365_client_secret" })).toMatchObject({
    setting: "m365_client_secret",
  });
  expect(placeOf({ id: "credential" })).toEqual({ page: "connect", part: "setup" });
  expect(placeOf({ id: "licence" })).toEqual({ page: "checks" });
});
