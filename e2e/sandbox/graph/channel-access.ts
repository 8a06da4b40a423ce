/** Who may see a team and its channels, and with which permissions (docs/facts/microsoft-chat.md 5). */

import type { GraphToken } from "../entra/server.ts";
import { forbidden, notFound } from "./refusal.ts";
import type { TeamsChannel, TeamsChannelMessage, TeamsTeam } from "./teams.ts";
import type { TeamsChannels } from "./teams-channels.ts";

export interface Ctx {
  readonly req: { param(name: string): string | undefined };
  get(name: "token"): GraphToken;
}

export const mayRead = (team: TeamsTeam, channel: TeamsChannel, id: string) =>
  channel.membershipType === "standard" ? team.members.has(id) : channel.members.has(id);

export function need(token: GraphToken, scopes: readonly string[], roles: readonly string[]): void {
  const granted =
    token.oid === null
      ? token.roles.some((one) => roles.includes(one))
      : token.scp.some((one) => scopes.includes(one));
  if (!granted)
    throw forbidden(`Missing scope permissions on the request. API requires one of '${scopes.join(", ")}'.`);
}

export function mustBeOwn(message: TeamsChannelMessage, token: GraphToken): void {
  const from = message.from as { user?: { id?: string } } | null;
  if (from?.user?.id !== token.oid) throw forbidden("The message is somebody else's.");
}

export function teamOf(world: TeamsChannels, id: string, token: GraphToken): TeamsTeam {
  const team = world.teams.get(id);
  if (!team) throw notFound("The team");
  const shared = [...team.channels.values()].some((one) => one.members.has(token.oid ?? ""));
  if (token.oid !== null && !team.members.has(token.oid) && !shared)
    throw forbidden("The caller is not a member of the team.");
  return team;
}

export function channelOf(world: TeamsChannels, c: Ctx): TeamsChannel {
  const token = c.get("token");
  const team = teamOf(world, c.req.param("team") ?? "", token);
  const channel = team.channels.get(c.req.param("channel") ?? "");
  if (!channel) throw notFound("The channel");
  if (token.oid !== null && !mayRead(team, channel, token.oid)) throw notFound("The channel");
  return channel;
}

/** An archived channel is read-only. */
export function openChannel(world: TeamsChannels, c: Ctx): TeamsChannel {
  const channel = channelOf(world, c);
  const team = world.teams.get(channel.teamId);
  if (team?.isArchived || channel.isArchived) throw forbidden("The team or channel is archived.");
  return channel;
}

export function messageOf(channel: TeamsChannel, id: string, root: string | null): TeamsChannelMessage {
  const message = channel.messages.get(id);
  if (!message || message.replyToId !== root) throw notFound("The message");
  return message;
}

export function mayWrite(token: GraphToken, scope: string): void {
  if (token.oid === null) throw forbidden("Application permissions are not supported for this request.");
  need(token, [scope], []);
}
