import { expect, test } from "bun:test";
import { adminRouteList } from "./route-list.ts";
import { world } from "./testing/stage.ts";

test("the routes that are declared are those that are loaded", () => {
  const loaded = world().admin.routes.list.map(({ method, path, audience }) => [method, path, audience]);
  expect(loaded).toEqual(adminRouteList.map((route) => [...route]));
});
