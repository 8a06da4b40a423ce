import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { ProductError } from "../errors.ts";
import { type Route, Routes, readJson, readShape } from "./index.ts";
import { mountRoutes } from "./testing/mount-routes.ts";

const ADMIN = "a".repeat(26);
const isSystemAdmin = async (userId: string) => userId === ADMIN;
const people = [
  ["nobody", null],
  ["a member", "b".repeat(26)],
  ["an admin", ADMIN],
] as const;

/** One route of each audience, and a record of the handlers that ran. */
function rooms() {
  const ran: string[] = [];
  const says = (name: string) => (_: unknown, userId?: string) => {
    ran.push(`${name} ${userId ?? ""}`.trim());
    return new Response(name);
  };
  const routes = new Routes()
    .get("/open", "public", says("open"))
    .post("/hook", "webhook", says("hook"))
    .get("/mine", "member", says("mine"))
    .get("/checks", "admin", says("checks"))
    .get("/api/v1/admin/things/:id", "admin", says("things"))
    .all("/any", "public", says("any"));
  return { ran, routes, ...mountRoutes(routes, { isSystemAdmin }) };
}

describe("the audience of a route", () => {
  const cases: [method: string, path: string, statuses: [number, number, number]][] = [
    ["GET", "/open", [200, 200, 200]],
    ["POST", "/hook", [200, 200, 200]],
    ["GET", "/mine", [401, 200, 200]],
    ["GET", "/checks", [401, 403, 200]],
    ["GET", "/api/v1/admin/things/7", [401, 403, 200]],
    ["HEAD", "/api/v1/admin/things/7", [401, 403, 200]],
    ["DELETE", "/any", [200, 200, 200]],
    // No route exists there, which only admins may find out.
    ["GET", "/api/v1/admin", [401, 403, 404]],
    ["GET", "/api/v1/admin/", [401, 403, 404]],
    ["POST", "/api/v1/admin/things/7", [401, 403, 404]],
    ["OPTIONS", "/api/v1/admin/things/7", [401, 403, 404]],
    ["GET", "/api/v1/admin/no/such/thing", [401, 403, 404]],
    ["GET", "/api/v1/%61dmin/things/7", [401, 403, 200]],
    ["GET", "/open/../api/v1/admin/things/7", [401, 403, 200]],
    ["GET", "/api/v1/administration", [404, 404, 404]],
    ["GET", "/API/V1/ADMIN/things/7", [404, 404, 404]],
  ];
  for (const [method, path, statuses] of cases) {
    for (const [index, [who, userId]] of people.entries()) {
      test(`${method} ${path} by ${who}: ${statuses[index]}`, async () => {
        const { ran, request } = rooms();
        const response = await request(path, { method }, { userId });
        expect(response.status).toBe(statuses[index] ?? 0);
        expect(ran).toHaveLength(response.status === 200 ? 1 : 0);
      });
    }
  }

  test("members and admins get their user id, others do not", async () => {
    const { ran, request } = rooms();
    for (const path of ["/mine", "/checks", "/open"]) await request(path, {}, { userId: ADMIN });
    expect(ran).toEqual([`mine ${ADMIN}`, `checks ${ADMIN}`, `open ${ADMIN}`]);
  });

  test("the permission is looked up once per request, and again for the next one", async () => {
    const asked: string[] = [];
    const { routes } = rooms();
    const { request } = mountRoutes(routes, {
      isSystemAdmin: async (userId) => asked.push(userId) < 2,
    });
    expect((await request("/api/v1/admin/things/7", {}, { userId: ADMIN })).status).toBe(200);
    expect(asked).toEqual([ADMIN]);
    expect((await request("/api/v1/admin/things/7", {}, { userId: ADMIN })).status).toBe(403);
  });

  test("a permission that cannot be looked up is refused", async () => {
    const { ran, routes } = rooms();
    const { request } = mountRoutes(routes, { isSystemAdmin: () => Promise.reject(new Error("down")) });
    for (const path of ["/checks", "/api/v1/admin/things/7"])
      expect((await request(path, {}, { userId: ADMIN })).status).toBe(500);
    expect(ran).toEqual([]);
  });

  test("headers that the client sets do not identify anybody", async () => {
    const headers = { "Mattermost-User-Id": ADMIN, "X-User-Id": ADMIN };
    expect((await rooms().request("/checks", { headers })).status).toBe(401);
  });
});

describe("a route below the admin path for another audience", () => {
  test("does not compile", () => {
    const routes = new Routes();
    // @ts-expect-error: only "admin" fits below the admin path
    routes.get("/api/v1/admin/links", "public", () => new Response());
    // @ts-expect-error: the audience is missing
    expect(() => routes.get("/somewhere", () => new Response())).not.toThrow();
  });

  for (const path of [
    "/api/v1/admin",
    "/api/v1/admin/links",
    "/API/v1/Admin/links",
    "/api/v1/:room/links",
    "/api/*",
    "/:any{.*}",
  ]) {
    test(`${path} is not mounted`, () => {
      const route: Route = { method: "GET", path, audience: "member", handle: () => new Response() };
      const routes = new Routes();
      routes.list.push(route);
      expect(() => mountRoutes(routes)).toThrow("below the admin path");
    });
  }
});

describe("a path that only resembles the admin path", () => {
  for (const path of ["/files/:ticket", "/api/v2/:room", "/api/v1/chats/:id", "/:plugin/v2/admin", "/api"]) {
    test(`${path} may be for members`, () => {
      const routes = new Routes();
      routes.list.push({ method: "GET", path, audience: "member", handle: () => new Response() });
      expect(() => mountRoutes(routes)).not.toThrow();
    });
  }
});

describe("responses", () => {
  test("are neither cached nor sniffed, unless the route says so", async () => {
    const routes = new Routes()
      .get("/plain", "public", () => new Response("x"))
      .get("/kept", "public", () => new Response("x", { headers: { "Cache-Control": "max-age=60" } }));
    const { request } = mountRoutes(routes);
    for (const path of ["/plain", "/nothing", "/api/v1/admin/x"]) {
      const { headers } = await request(path);
      expect(headers.get("Cache-Control")).toBe("no-store");
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    }
    const kept = await request("/kept");
    expect(kept.headers.get("Cache-Control")).toBe("max-age=60");
    expect(kept.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  test("of errors have one shape; an error that is not ours is logged and not shown", async () => {
    const logged: string[] = [];
    const fails = (error: unknown) => () => {
      throw error;
    };
    const routes = new Routes()
      .get("/ours", "public", fails(new ProductError("not_found", "a detail")))
      .get("/other", "public", fails(new Error("the secret is 42")))
      .get("/typed", "member", fails(new TypeError("Graph says no")))
      .get("/api/v1/admin/other", "admin", fails(new TypeError("Graph says no")));
    const { request } = mountRoutes(routes, {
      isSystemAdmin,
      log: { error: (message, { request_id }) => logged.push(`${message} ${request_id}`) },
      explain: (error) =>
        error instanceof TypeError ? { code: "microsoft_refused", detail: error.message } : null,
    });
    const ours = await request("/ours");
    expect(ours.status).toBe(404);
    expect(await ours.json()).toEqual({
      code: "not_found",
      message: expect.any(String),
      requestId: "request-1",
    });
    const other = await request("/other");
    expect(other.status).toBe(500);
    expect(await other.text()).not.toContain("42");
    expect(logged).toEqual(["A request failed request-1"]);
    const member = await request("/typed", {}, { userId: "somebody" });
    expect(member.status).toBe(500);
    expect(await member.text()).not.toContain("Graph says no");
    const explained = await request("/api/v1/admin/other", {}, { userId: ADMIN });
    expect(explained.status).toBe(424);
    expect(await explained.json()).toMatchObject({ code: "microsoft_refused", detail: "Graph says no" });
  });
});

describe("a request body", () => {
  const json = { "Content-Type": "application/json" };
  const post = (
    body: string | Uint8Array<ArrayBuffer> | ReadableStream,
    headers: Record<string, string> = json,
  ) => new Request("http://plugin/", { method: "POST", body, headers });
  const streamed = (size: number) =>
    new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < size; sent += 1000) controller.enqueue(new Uint8Array(1000).fill(0x20));
        controller.enqueue(new TextEncoder().encode("{}"));
        controller.close();
      },
    });

  test("of the right size and shape is read", async () => {
    expect(await readJson(post('{"a":1}', { "Content-Type": "Application/JSON; charset=utf-8" }))).toEqual({
      a: 1,
    });
    expect(await readShape(post('{"a":1}'), z.object({ a: z.number() }))).toEqual({ a: 1 });
    expect(await readJson(post(streamed(5000)), 6000)).toEqual({});
  });

  const bad: [name: string, request: () => Request, code: string][] = [
    ["too large", () => post(JSON.stringify("x".repeat(6000))), "request_too_large"],
    ["too large, without a length", () => post(streamed(9000)), "request_too_large"],
    ["a form", () => post("a=1", { "Content-Type": "application/x-www-form-urlencoded" }), "request_invalid"],
    ["text", () => post("{}", { "Content-Type": "text/plain" }), "request_invalid"],
    [
      "a type that begins alike",
      () => post("{}", { "Content-Type": "application/jsonp" }),
      "request_invalid",
    ],
    ["no JSON", () => post("{"), "request_invalid"],
    ["nothing", () => post(""), "request_invalid"],
    ["no UTF-8", () => post(new Uint8Array([0x22, 0xff, 0x22])), "request_invalid"],
    ["another shape", () => post('{"a":"1"}'), "request_invalid"],
  ];
  for (const [name, request, code] of bad) {
    test(`${name}: ${code}`, async () => {
      await expect(readShape(request(), z.object({ a: z.number() }), 6000)).rejects.toMatchObject({ code });
    });
  }
});
