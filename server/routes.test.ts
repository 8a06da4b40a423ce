/** Every route of the product, walked by everybody: what a person may not do never reaches a room. */

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type AdminPorts, adminRoutes } from "./admin/index.ts";
import { notificationRoutes } from "./features/activity/index.ts";
import { type HandedOutPorts, handedOutRoutes } from "./features/sign-in/handed-out.ts";
import { type LinkRoutesPorts, linkRoutes } from "./features/sign-in/index.ts";
import { pageRoutes } from "./features/sign-in/page.ts";
import { type SessionPorts, sessionRoutes } from "./features/sign-in/session.ts";
import { connectionAdminRoutes } from "./people/connections/admin-routes.ts";
import { connectionRoutes } from "./people/connections/routes.ts";
import type { Audience } from "./platform/http/index.ts";
import { Routes } from "./platform/http/index.ts";
import { openDoor } from "./platform/http/testing/open-door.ts";

/** Answers anything with itself and counts: a room that is reached touches its ports. */
function untouched<T>(): T {
  const anything: unknown = new Proxy(() => anything, {
    get: (_, name) => (name === "then" ? undefined : name === "clock" ? Date.now : anything),
  });
  return anything as T;
}

const config = { current: untouched<never>(), onChange: () => () => {} };

/** As main.ts adds them; a test below compares. */
const rooms: Readonly<Record<string, Routes>> = {
  sessionRoutes: sessionRoutes({ ...untouched<SessionPorts>(), config, clock: Date.now }),
  handedOutRoutes: handedOutRoutes({ ...untouched<HandedOutPorts>(), config, clock: Date.now }),
  linkRoutes: linkRoutes(untouched<LinkRoutesPorts>()),
  notificationRoutes: notificationRoutes(untouched()),
  "connected.routes": connectionRoutes(untouched()).include(connectionAdminRoutes(untouched())),
  pageRoutes: pageRoutes({ pluginId: "mission-collaboration", config, parts: untouched() }),
  "admin.routes": adminRoutes(untouched<AdminPorts>()),
};
const all = Object.values(rooms).flatMap(({ list }) => list);

/** Whoever adds a route says here for whom it is. */
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
  ],
  webhook: [],
  member: [
    "ALL /api/v1/session/handover",
    "ALL /api/v1/location",
    "ALL /api/v1/files/ticket",
    "ALL /api/v1/session/window",
    "GET /api/v1/notifications/defaults",
    "GET /api/v1/notifications/offer",
    "POST /api/v1/notifications/offer",
    "GET /oauth2/connect",
    "GET /oauth2/complete",
    "GET /api/v1/connection",
    "DELETE /api/v1/connection",
    "POST /api/v1/connection/from-tab",
  ],
};

test("the rooms here are those that main.ts opens", async () => {
  const main = await Bun.file(join(import.meta.dir, "main.ts")).text();
  const added = [...main.matchAll(/door\.add\(\s*([\w.]+)/g)].map(([, name]) => name ?? "");
  expect(added.sort()).toEqual(Object.keys(rooms).sort());
  expect(main).not.toContain('from "hono"');
});

for (const [audience, routes] of Object.entries(expected)) {
  test(`routes for ${audience} are these and no others`, () => {
    const declared = all.filter((route) => route.audience === audience);
    expect(declared.map(({ method, path }) => `${method} ${path}`)).toEqual([...routes]);
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
        const { request } = openDoor(routes, { isSystemAdmin: async (id) => id === ADMIN });
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

  test("together they match in the order that main.ts gives", async () => {
    const routes = new Routes();
    for (const room of Object.values(rooms)) routes.include(room);
    const { request } = openDoor(routes, { isSystemAdmin: async (id) => id === ADMIN });
    for (const { method, path, audience } of all.filter((route) => route.audience === "admin")) {
      const address = path.replaceAll(/:\w+/g, "x");
      expect({ path, audience, status: (await request(address, { method })).status }).toMatchObject({
        status: 401,
      });
    }
  });
});
