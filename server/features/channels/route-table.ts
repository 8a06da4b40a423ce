/** The routes of linked channels, loaded with the first request. While the feature is off, they answer 404. */

import { ProductError } from "../../platform/errors.ts";
import { Routes } from "../../platform/http/index.ts";
import { onDemand } from "../../platform/on-demand.ts";
import type { Engine } from "./engine.ts";
import type { ChannelsPorts } from "./ports.ts";

export interface ChannelRoutesPorts {
  readonly isOn: () => boolean;
  readonly engine: () => Promise<Engine>;
  readonly ports: ChannelsPorts;
}

export function channelRoutes({ engine, isOn, ports }: ChannelRoutesPorts): Routes {
  const handlers = onDemand(async () => {
    const [{ ChannelRoutes }, { room }] = await Promise.all([import("./routes.ts"), engine()]);
    return new ChannelRoutes(room);
  });
  const routesOf = () => {
    if (!isOn()) throw new ProductError("not_found");
    return handlers.load();
  };
  return new Routes()
    .get("/api/v1/channels/complete/teams", "member", async (c, userId) =>
      (await routesOf()).complete("teams", userId, new URL(c.req.url).searchParams),
    )
    .get("/api/v1/channels/complete/channels", "member", async (c, userId) =>
      (await routesOf()).complete("channels", userId, new URL(c.req.url).searchParams),
    )
    .get("/api/v1/channels/teams", "member", async (c, userId) =>
      (await routesOf()).teams(userId, c.req.query("search") ?? ""),
    )
    .get("/api/v1/channels/teams/:teamId/channels", "member", async (c, userId) =>
      (await routesOf()).channels(userId, c.req.param("teamId"), c.req.query("search") ?? ""),
    )
    .get("/api/v1/channels/compare", "member", async (c, userId) =>
      (await routesOf()).compare(userId, new URL(c.req.url).searchParams),
    )
    .get("/api/v1/channels/links/:channelId", "member", async (c, userId) =>
      (await routesOf()).ofChannel(userId, c.req.param("channelId")),
    )
    .post("/api/v1/channels/links", "member", async (c, userId) =>
      (await routesOf()).create(userId, c.req.raw),
    )
    .delete("/api/v1/channels/links/:channelId", "member", async (c, userId) =>
      (await routesOf()).end(userId, c.req.param("channelId")),
    )
    .get("/api/v1/channels/people/:objectId/picture", "member", async (c) => {
      if (!isOn()) throw new ProductError("not_found");
      const { picture } = await import("./to-mattermost/picture.ts");
      return picture(ports, c.req.param("objectId"));
    })
    .get("/api/v1/admin/channels/links", "admin", async () => (await routesOf()).list())
    .post("/api/v1/admin/channels/links/:id/retry", "admin", async (c) => {
      await routesOf();
      if (!(await (await engine()).retry(c.req.param("id")))) throw new ProductError("not_found");
      return new Response(null, { status: 204 });
    })
    .delete("/api/v1/admin/channels/links/:id", "admin", async (c, userId) =>
      (await routesOf()).remove(userId, c.req.param("id")),
    );
}
