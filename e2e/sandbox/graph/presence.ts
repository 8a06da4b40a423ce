/** Presence of the fake Graph (docs/facts/microsoft-chat.md 7). */

import { Hono } from "hono";
import type { GraphToken } from "../entra/server.ts";
import type { Tenant } from "../tenant.ts";
import { badRequest, forbidden } from "./refusal.ts";

export interface Presence {
  readonly availability: string;
  readonly activity: string;
}

export class Presences {
  /** By object id. A person without an entry is offline. */
  readonly all = new Map<string, Presence>();
  /** The ids of each request. */
  readonly asked: (readonly string[])[] = [];
  readonly #tenant: Tenant;

  constructor(tenant: Tenant) {
    this.#tenant = tenant;
  }

  set(userId: string, availability: string, activity = availability): void {
    this.all.set(userId, { availability, activity });
  }

  routes(): Hono<{ Variables: { token: GraphToken } }> {
    const app = new Hono<{ Variables: { token: GraphToken } }>();
    app.post("/communications/getPresencesByUserId", async (c) => {
      const { roles, scp } = c.get("token");
      if (![...roles, ...scp].includes("Presence.Read.All"))
        throw forbidden("Missing role permissions on the request. API requires 'Presence.Read.All'.");
      const { ids } = (await c.req.json()) as { ids?: unknown };
      if (!Array.isArray(ids) || ids.length === 0 || ids.length > 650)
        throw badRequest("ids must have 1 to 650 values.");
      this.asked.push(ids.map(String));
      // People of other organisations are left out.
      const value = ids.flatMap((id) => {
        if (!this.#tenant.people.has(String(id))) return [];
        const { availability, activity } = this.all.get(String(id)) ?? {
          availability: "Offline",
          activity: "Offline",
        };
        return [{ id, availability, activity, statusMessage: null }];
      });
      return c.json({ value });
    });
    return app;
  }
}
