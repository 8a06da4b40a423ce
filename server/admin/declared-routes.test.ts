import { expect, test } from "bun:test";
import { unreachableHost } from "../platform/unreachable-host.ts";
import { declaredRoutes } from "./declared-routes.ts";
import { type AdminPorts, adminRoutes } from "./index.ts";

test("the declared routes equal those of the console, in the same order", () => {
  // Ports that are never called.
  const routes = adminRoutes(unreachableHost().api as unknown as AdminPorts).list;
  expect(routes.map(({ method, path, audience }) => [method, path, audience])).toEqual(
    declaredRoutes.map((route) => [...route]),
  );
});
