import { expect, test } from "bun:test";
import { unreachableHost } from "../platform/unreachable-host.ts";
import { declaredRoutes } from "./declared-routes.ts";
import { type AdminPorts, adminRoutes } from "./index.ts";

test("the routes that the door guards are those of the console, in their order", () => {
  // Ports that nobody asks anything.
  const routes = adminRoutes(unreachableHost().api as unknown as AdminPorts).list;
  expect(routes.map(({ method, path, audience }) => [method, path, audience])).toEqual(
    declaredRoutes.map((route) => [...route]),
  );
});
