/**
 * Routes whose code is loaded by the first request, so that it does not slow down the start. The audiences are
 * declared here, so that the router checks them before anything is loaded.
 */

import { onDemand } from "../on-demand.ts";
import { type AudienceOf, type Method, type Route, Routes } from "./routes.ts";

/** For example `["POST", "/api/v1/graph/changes", "webhook"]`. */
export type Declared<Path extends string = string> = readonly [Method, Path, AudienceOf<Path>];

/** The loaded routes must equal the declared ones, in the same order; otherwise every request fails. */
export function routesOnDemand<const D extends readonly Declared[]>(
  declared: D,
  load: () => Promise<Routes>,
): Routes {
  const room = onDemand(async () => {
    const { list } = await load();
    const found = list.map(({ audience, method, path }) => [method, path, audience].join(" "));
    const expected = declared.map((route) => route.join(" "));
    if (found.join() !== expected.join())
      throw new Error(`routes are ${found.join(", ")} and were declared as ${expected.join(", ")}`);
    return list;
  });
  const routes = new Routes();
  for (const [index, [method, path, audience]] of declared.entries()) {
    const handle: Route["handle"] = async (c, userId) =>
      (await room.load())[index]?.handle(c, userId) as Response;
    routes.list.push({ method, path, audience, handle, load: room.load });
  }
  return routes;
}
