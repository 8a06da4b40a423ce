/** HTTP routes that show what happened in the sandbox: the log, requests, posts and stored values. */

import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { User } from "../../server/runtime/mattermost/index.ts";
import type { Entra } from "./entra/server.ts";
import type { Graph } from "./graph/server.ts";
import type { PluginBundle } from "./mattermost/plugin-bundle.ts";
import { toJson } from "./mattermost/rest-json.ts";
import type { MattermostServer } from "./mattermost/server.ts";
import type { World } from "./mattermost/world.ts";
import { channelOf, userOf } from "./people.ts";
import type { Scene } from "./scene.ts";
import type { Tenant } from "./tenant.ts";
import type { WireEntry, WireLog } from "./wire-log.ts";

interface Stage {
  readonly world: World;
  readonly tenant: Tenant;
  readonly wires: WireLog;
  readonly entra: Entra;
  readonly graph: Graph;
  readonly mattermost: MattermostServer;
  readonly bundle: PluginBundle;
  readonly scene: Scene;
}

export function observationRoutes(sandbox: Stage): Hono {
  const app = new Hono();
  const { world, tenant, wires, entra, graph } = sandbox;
  const user = (username: unknown) => userOf(world, String(username));
  const place = (from: User, name: string) => channelOf(world, sandbox.scene.team, from, name);

  app.get("/log", (c) => c.json(wires.since(Number(c.req.query("since") ?? 0))));
  app.get("/log/stream", (c) =>
    streamSSE(c, async (stream) => {
      let last = 0;
      while (!stream.aborted) {
        const fresh: WireEntry[] = wires.since(last);
        last = fresh.at(-1)?.id ?? last;
        if (fresh.length > 0) await stream.writeSSE({ data: JSON.stringify(fresh) });
        await stream.sleep(300);
      }
    }),
  );
  app.get("/activities", (c) =>
    c.json(
      tenant.activities.map((each) => ({
        ...each,
        recipient: tenant.people.get(each.recipientId)?.userPrincipalName,
      })),
    ),
  );
  app.get("/graph/requests", (c) => c.json(graph.requests));
  app.get("/entra/fetched", (c) => c.json(entra.fetched));
  app.get("/tenant/applications", (c) => c.json([...tenant.applications.values()]));
  app.get("/tenant/catalog", (c) => c.json([...tenant.catalog.values()]));
  app.get("/audit", (c) => c.json(world.audit));
  app.get("/logs", (c) => c.json(world.logs));
  app.get("/mail", (c) => c.json(world.mail));
  app.get("/posts", (c) => {
    const as = user(c.req.query("as") ?? "sam");
    return c.json(world.postsIn(place(as, c.req.query("channel") ?? "town-square")).map(toJson));
  });
  app.get("/kv", (c) => {
    const kv = world.kv(sandbox.bundle.id);
    return c.json(
      Object.fromEntries(kv.keys().map((key) => [key, new TextDecoder().decode(kv.get(key) ?? undefined)])),
    );
  });
  app.get("/metrics", () => sandbox.mattermost.metrics());
  return app;
}
