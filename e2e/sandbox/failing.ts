/** HTTP routes that make Microsoft's cloud and the plugin API fail (`/sandbox/api/faults…`), and heal them. */

import { type Context, Hono } from "hono";
import type { Entra } from "./entra/server.ts";
import type { Graph } from "./graph/server.ts";
import { appError } from "./mattermost/app-error.ts";
import type { MattermostServer } from "./mattermost/server.ts";
import type { Teams } from "./teams/server.ts";

interface Stage {
  readonly entra: Entra;
  readonly graph: Graph;
  readonly teams: Teams;
  readonly mattermost: MattermostServer;
}

export function failureRoutes(sandbox: Stage): Hono {
  const app = new Hono();
  const { entra, graph } = sandbox;
  const json = async (c: Context) => (await c.req.json().catch(() => ({}))) as Record<string, unknown>;
  const done = (c: Context) => c.json({ ok: true });

  app.post("/faults/entra", async (c) => {
    entra.setFaults(await json(c));
    return c.json(entra.faults);
  });
  app.post("/faults/graph", async (c) => {
    const { throttle, ...faults } = await json(c);
    if (typeof throttle === "boolean") graph.throttle.enabled = throttle;
    graph.setFaults(faults);
    return c.json(graph.faults);
  });
  app.post("/faults/api", async (c) => {
    const { methods, status = 500 } = (await json(c)) as { methods: string[]; status?: number };
    sandbox.mattermost.fault = (method) =>
      methods.includes(method) ? appError(method, "app.sandbox.fault", status, "told to fail") : undefined;
    return done(c);
  });
  app.post("/faults/teams", async (c) => {
    Object.assign(sandbox.teams.tokens, await json(c));
    return c.json(sandbox.teams.tokens);
  });
  app.post("/healthy", (c) => {
    entra.healthy();
    graph.healthy();
    sandbox.mattermost.fault = undefined;
    Object.assign(sandbox.teams.tokens, { kind: "good", version: null, consent: "given", error: null });
    return done(c);
  });
  app.get("/faults", (c) =>
    c.json({ entra: entra.faults, graph: graph.faults, teams: sandbox.teams.tokens }),
  );
  return app;
}
