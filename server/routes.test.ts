/** Calls every route of the product as every kind of user: a request that is not allowed never reaches a handler. */

import { describe, expect, test } from "bun:test";
import { declaredFeatures } from "../build/product-features.ts";
import type { Audience } from "./platform/http/index.ts";
import { Routes } from "./platform/http/index.ts";
import { mountRoutes } from "./platform/http/testing/mount-routes.ts";

/** Composed as in main.ts, so that a new feature is tested without changes here. */
const features = declaredFeatures();
const all = features.flatMap(({ routes }) => routes?.list ?? []);

/** The expected audience of every route; a new route must be added here. */
const expected: Readonly<Record<Exclude<Audience, "admin">, readonly string[]>> = {
  public: [
    "ALL /api/v1/session",
    "ALL /api/v1/session/redeem",
    "ALL /api/v1/session/end",
    "GET /api/v1/session/probe",
    "GET /files/:ticket",
    "ALL /api/v1/session/window/redeem",
    "GET /tab",
    "GET /tab/popup",
    "GET /tab/window",
    "GET /tab/configure",
  ],
  webhook: ["ALL /api/v1/graph/changes", "ALL /api/v1/graph/lifecycle"],
  member: [
    "ALL /api/v1/session/handover",
    "ALL /api/v1/location",
    "ALL /api/v1/files/ticket",
    "ALL /api/v1/session/window",
    "GET /oauth2/connect",
    "GET /oauth2/complete",
    "GET /api/v1/connection",
    "DELETE /api/v1/connection",
    "POST /api/v1/connection/seen",
    "POST /api/v1/connection/from-tab",
    "POST /api/v1/cards",
    "POST /api/v1/dialogs",
    "GET /api/v1/notifications/defaults",
    "GET /api/v1/notifications/offer",
    "POST /api/v1/notifications/offer",
    "GET /api/v1/channels/complete/teams",
    "GET /api/v1/channels/complete/channels",
    "GET /api/v1/channels/teams",
    "GET /api/v1/channels/teams/:teamId/channels",
    "GET /api/v1/channels/compare",
    "GET /api/v1/channels/links/:channelId",
    "POST /api/v1/channels/links",
    "DELETE /api/v1/channels/links/:channelId",
    "GET /api/v1/channels/people/:objectId/picture",
    "GET /api/v1/chats/settings",
    "PUT /api/v1/chats/settings",
    "GET /api/v1/calendar/settings",
    "PUT /api/v1/calendar/settings",
    "GET /api/v1/calendar/events",
    "POST /api/v1/calendar/events",
    "POST /api/v1/calendar/events/:id/answer",
    "GET /api/v1/calendar/attendees",
    "GET /api/v1/calendar/form",
    "POST /api/v1/calendar/availability",
    "POST /api/v1/calendar/times",
    "GET /api/v1/features",
  ],
};

test("every feature of the product is walked", () => {
  // Their order does not matter.
  expect(features.map(({ name }) => name).toSorted()).toEqual([
    "activity",
    "admin",
    "calendar",
    "changes",
    "channels",
    "chats",
    "connections",
    "interactions",
    "sign-in",
    "teams-app",
    "web-app",
  ]);
});

for (const [audience, routes] of Object.entries(expected)) {
  test(`routes for ${audience} are exactly these`, () => {
    const declared = all.filter((route) => route.audience === audience);
    const found = declared.map(({ method, path }) => `${method} ${path}`);
    expect(found.toSorted()).toEqual([...routes].toSorted());
  });
}

describe("each route", () => {
  const ADMIN = "a".repeat(26);
  const people = {
    nobody: null,
    "a member": "b".repeat(26),
    "another member": "c".repeat(26),
    "an admin": ADMIN,
  };
  const refused: Readonly<Record<Audience, Partial<Record<string, number>>>> = {
    public: {},
    webhook: {},
    member: { nobody: 401 },
    admin: { nobody: 401, "a member": 403, "another member": 403 },
  };
  for (const { audience, handle, method, path } of all) {
    for (const [who, userId] of Object.entries(people)) {
      const status = refused[audience][who];
      test(`${method} ${path} by ${who}: ${status ?? "reaches the room"}`, async () => {
        let reached = 0;
        const routes = new Routes();
        routes.list.push({
          method,
          path,
          audience,
          handle: (_, id) => {
            reached++;
            return new Response(id);
          },
        });
        expect(handle).toBeFunction();
        const { request } = mountRoutes(routes, { isSystemAdmin: async (id) => id === ADMIN });
        const address = path.replaceAll(/:\w+/g, "x");
        const response = await request(address, { method: method === "ALL" ? "POST" : method }, { userId });
        expect({ reached, status: response.status }).toEqual({
          reached: status ? 0 : 1,
          status: status ?? 200,
        });
        if (!status) expect(await response.text()).toBe(userId ?? "");
      });
    }
  }

  for (const { method, path, load } of all)
    if (load)
      test(`${method} ${path} is implemented as declared`, async () => {
        await load();
      });

  test("together they match in the order of main.ts", async () => {
    const routes = new Routes();
    for (const feature of features) if (feature.routes) routes.include(feature.routes);
    const { request } = mountRoutes(routes, { isSystemAdmin: async (id) => id === ADMIN });
    for (const { method, path, audience } of all.filter((route) => route.audience === "admin")) {
      const address = path.replaceAll(/:\w+/g, "x");
      expect({ path, audience, status: (await request(address, { method })).status }).toMatchObject({
        status: 401,
      });
    }
  });
});

test("each word of a command belongs to one feature, under each of the command's names", () => {
  const names = features.flatMap(({ commands = [] }) =>
    commands.map(({ name, trigger = "teams" }) => `/${trigger} ${name}`),
  );
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  // The same word with two meanings: one's own account, and the channel.
  expect(names).toContain("/teams unlink");
  expect(names).toContain("/msteams unlink");
});
