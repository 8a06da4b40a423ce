/**
 * HTTP routes for Teams channels of the sandbox (`/sandbox/api/teams…`): its page writes, edits, deletes and reacts
 * here.
 */

import { Hono } from "hono";
import type { Graph } from "./graph/server.ts";
import type { TeamsChannel } from "./graph/teams.ts";
import type { Person, Tenant } from "./tenant.ts";

interface Stage {
  readonly graph: Graph;
  readonly tenant: Tenant;
}

type Body = Readonly<Record<string, unknown>>;

export function teamsRoutes({ graph, tenant }: Stage): Hono {
  const app = new Hono();
  const { channels } = graph;
  const personOf = (id: unknown): Person => {
    const person = tenant.people.get(String(id));
    if (!person) throw new Error("there is nobody with that id");
    return person;
  };
  const channelOf = (id: unknown): TeamsChannel => {
    for (const team of channels.teams.values()) {
      const channel = team.channels.get(String(id));
      if (channel) return channel;
    }
    throw new Error("there is no such channel");
  };
  const done = { ok: true };

  app.get("/", (c) =>
    c.json(
      [...channels.teams.values()].map((team) => ({
        id: team.id,
        name: team.displayName,
        members: [...team.members].map((id) => ({ id, name: tenant.people.get(id)?.displayName ?? "" })),
        channels: [...team.channels.values()].map(
          ({ displayName, id, isArchived, membershipType, messages }) => ({
            ...{ id, name: displayName, isArchived, membershipType },
            messages: [...messages.values()],
          }),
        ),
      })),
    ),
  );
  app.post("/messages", async (c) => {
    const { by, channel, html, replyTo } = (await c.req.json()) as Body;
    const said = { html: String(html), ...(replyTo ? { replyTo: String(replyTo) } : {}) };
    return c.json({ id: channels.say(channelOf(channel), personOf(by), said).id });
  });
  app.post("/edit", async (c) => {
    const { channel, html, message } = (await c.req.json()) as Body;
    channels.edit(channelOf(channel), String(message), { html: String(html) });
    return c.json(done);
  });
  app.post("/delete", async (c) => {
    const { channel, message } = (await c.req.json()) as Body;
    channels.remove(channelOf(channel), String(message));
    return c.json(done);
  });
  app.post("/react", async (c) => {
    const { by, channel, message, on, reaction } = (await c.req.json()) as Body;
    const does = on === false ? "unreact" : "react";
    channels[does](channelOf(channel), String(message), personOf(by), String(reaction));
    return c.json(done);
  });
  /** Nobody can write in it until it is restored; Teams says so in the channel. */
  app.post("/archive", async (c) => {
    const { channel, on } = (await c.req.json()) as Body;
    const found = channelOf(channel);
    found.isArchived = on !== false;
    const kind = found.isArchived ? "teamArchived" : "teamUnarchived";
    const eventDetail = { "@odata.type": `#microsoft.graph.${kind}EventMessageDetail` };
    channels.say(found, null, { html: "<systemEventMessage/>", eventDetail });
    return c.json(done);
  });
  /** A channel with its own members, given by name. */
  app.post("/private", async (c) => {
    const { team, name, members } = (await c.req.json()) as Body;
    const found = channels.teams.get(String(team));
    if (!found) throw new Error("there is no such team");
    const people = (Array.isArray(members) ? members : []).map(personOf);
    const made = channels.addChannel(found, String(name), { membershipType: "private", members: people });
    return c.json({ id: made.id });
  });
  return app;
}
