/** Teams, their channels, members and files, as Graph answers (docs/facts/microsoft-chat.md 5). */

import { Hono } from "hono";
import type { GraphToken } from "../entra/server.ts";
import type { Tenant } from "../tenant.ts";
import { channelOf, mayRead, need, teamOf } from "./channel-access.ts";
import { driveRoutes } from "./channel-drives.ts";
import { channelMessageRoutes } from "./channel-message-routes.ts";
import { badRequest, notFound } from "./refusal.ts";
import type { TeamsChannel, TeamsTeam } from "./teams.ts";
import type { TeamsChannels } from "./teams-channels.ts";

type App = Hono<{ Variables: { token: GraphToken } }>;

export function teamRoutes(world: TeamsChannels): App {
  const app: App = new Hono();
  app.use("/teams/:team/*", async (c, next) => {
    world.limit(`team ${c.req.param("team")}`, world.teamLimit, 1_000);
    return next();
  });
  app.route("/", channelMessageRoutes(world));
  app.get("/me/joinedTeams", (c) => {
    const token = c.get("token");
    person(token);
    need(token, ["Team.ReadBasic.All"], []);
    const own = [...world.teams.values()].filter(({ members }) => members.has(token.oid ?? ""));
    return c.json({ value: own.map(teamJson) });
  });
  app.get("/teams/:team", (c) => {
    need(c.get("token"), ["Team.ReadBasic.All"], ["Team.ReadBasic.All"]);
    return c.json(teamJson(teamOf(world, c.req.param("team"), c.get("token"))));
  });
  app.get("/teams/:team/channels", (c) => {
    const token = c.get("token");
    need(token, ["Channel.ReadBasic.All"], ["Channel.ReadBasic.All"]);
    const team = teamOf(world, c.req.param("team"), token);
    const seen = [...team.channels.values()].filter(
      (one) => token.oid === null || mayRead(team, one, token.oid),
    );
    return c.json({ value: seen.map((one) => channelJson(one)) });
  });
  app.get("/teams/:team/channels/:channel", (c) => {
    need(c.get("token"), ["Channel.ReadBasic.All"], ["Channel.ReadBasic.All"]);
    return c.json(channelJson(channelOf(world, c)));
  });
  app.get("/teams/:team/channels/:channel/members", (c) => {
    need(c.get("token"), ["ChannelMember.Read.All"], ["ChannelMember.Read.All"]);
    const channel = channelOf(world, c);
    return c.json({ value: [...world.membersOf(channel)].map((id) => memberJson(world.tenant, id)) });
  });
  app.get("/teams/:team/channels/:channel/filesFolder", (c) => {
    need(
      c.get("token"),
      ["Files.Read.All", "Files.ReadWrite.All"],
      ["Files.Read.All", "Sites.ReadWrite.All"],
    );
    const folder = world.drives.folders.get(channelOf(world, c).id);
    if (!folder && !world.drives.makesFolders) throw notFound("The files folder");
    return c.json(world.drives.folder(channelOf(world, c).id));
  });

  app.route("/", driveRoutes(world.drives));
  return app;
}

const teamJson = ({ id, displayName, isArchived }: TeamsTeam) => ({
  id,
  displayName,
  description: null,
  isArchived,
  visibility: "private",
});

function channelJson({ id, displayName, isArchived, membershipType }: TeamsChannel) {
  const webUrl = `https://teams.microsoft.com/l/channel/${encodeURIComponent(id)}`;
  return {
    id,
    displayName,
    isArchived,
    membershipType,
    description: null,
    email: "",
    webUrl,
    createdDateTime: null,
  };
}

function memberJson(tenant: Tenant, id: string) {
  const person = tenant.people.get(id);
  return {
    "@odata.type": "#microsoft.graph.aadUserConversationMember",
    id: Buffer.from(id).toString("base64"),
    roles: person?.guest ? ["guest"] : [],
    displayName: person?.displayName ?? null,
    userId: id,
    email: person?.mail ?? null,
    tenantId: tenant.id,
  };
}

function person(token: GraphToken): void {
  if (token.oid === null) throw badRequest("/me request is only valid with delegated authentication flow.");
}
