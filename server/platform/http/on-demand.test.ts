import { describe, expect, test } from "bun:test";
import { Routes, routesOnDemand } from "./index.ts";
import { mountRoutes } from "./testing/mount-routes.ts";

const room = () =>
  new Routes()
    .get("/things/:id", "member", ({ req }, userId) => new Response(`${req.param("id")} of ${userId}`))
    .post("/hook", "webhook", () => new Response("received"));

function world(load: () => Promise<Routes>) {
  const routes = routesOnDemand(
    [
      ["GET", "/things/:id", "member"],
      ["POST", "/hook", "webhook"],
    ],
    load,
  );
  const failed: unknown[] = [];
  return { failed, ...mountRoutes(routes, { log: { error: (_, fields) => failed.push(fields.error) } }) };
}

describe("routes that are loaded on demand", () => {
  test("are loaded once, by the first request that is admitted", async () => {
    let loads = 0;
    const { request } = world(async () => {
      loads += 1;
      return room();
    });
    // The router refuses before anything is loaded.
    expect((await request("/things/7")).status).toBe(401);
    expect(loads).toBe(0);
    expect(await (await request("/things/7", {}, { userId: "ana" })).text()).toBe("7 of ana");
    expect(await (await request("/hook", { method: "POST" })).text()).toBe("received");
    expect(loads).toBe(1);
  });

  test("a failed load is retried by the next request", async () => {
    let loads = 0;
    const { failed, request } = world(async () => {
      loads += 1;
      if (loads === 1) throw new Error("not there");
      return room();
    });
    expect((await request("/hook", { method: "POST" })).status).toBe(500);
    expect((await request("/hook", { method: "POST" })).status).toBe(200);
    expect(failed).toHaveLength(1);
  });

  test("routes that differ from the declared ones answer nobody", async () => {
    for (const other of [
      new Routes().post("/hook", "webhook", () => new Response("received")),
      new Routes()
        .get("/things/:id", "public", () => new Response("open"))
        .post("/hook", "webhook", () => new Response("received")),
    ]) {
      const { request } = world(async () => other);
      expect((await request("/things/7", {}, { userId: "ana" })).status).toBe(500);
      expect((await request("/hook", { method: "POST" })).status).toBe(500);
    }
  });

  test("a route without an audience, or below the admin path for others, does not compile", () => {
    // @ts-expect-error The audience is missing.
    routesOnDemand([["GET", "/things"]], async () => room());
    const admin = routesOnDemand([["GET", "/api/v1/admin/x", "admin"]], async () => room());
    expect(admin.list[0]?.audience).toBe("admin");
    const wrong = routesOnDemand([["GET", "/api/v1/admin/x", "member"]], async () => room());
    expect(() => mountRoutes(wrong)).toThrow("not declared for admins");
  });
});
