/**
 * Where in Mattermost a sub-page id leads. The answer is built from ids that the server knows and the person
 * may see, never from text that came in: a link cannot lead elsewhere, nor tell what exists.
 */

import type { Api, Channel } from "../../runtime/mattermost/index.ts";

export type DestinationApi = Pick<
  Api,
  "getChannel" | "getTeam" | "getTeamsForUser" | "getUser" | "hasPermissionToChannel" | "getTeamMember"
>;

const SUB_PAGE = /^(post|thread|channel|team|user|run|call)_([A-Za-z0-9-]{1,40})$/;
const MATTERMOST_ID = /^[a-z0-9]{26}$/;
/** Team, channel and user names, as far as they are fit for a path as they are. */
const NAME = /^[a-z0-9][a-z0-9._-]*$/;

export const readChannel = {
  Id: "read_channel",
  Name: "authentication.permissions.read_channel.name",
  Description: "authentication.permissions.read_channel.description",
  Scope: "channel_scope",
};

/** A path below the site URL, `/` where the id leads nowhere that the person may go. */
export async function destination(
  api: DestinationApi,
  userId: string,
  subPageId: string | undefined,
): Promise<string> {
  const [, kind, id] = SUB_PAGE.exec(subPageId ?? "") ?? [];
  if (!kind || !id || !MATTERMOST_ID.test(id)) return "/";
  try {
    return (await pathTo(api, userId, kind, id)) ?? "/";
  } catch {
    // A sign-in must not fail because a link is stale.
    return "/";
  }
}

async function pathTo(api: DestinationApi, userId: string, kind: string, id: string): Promise<string | null> {
  switch (kind) {
    // The web app asks for the post with the person's own rights and finds team and thread itself.
    case "post":
    case "thread":
      return `/_redirect/pl/${id}`;
    case "run":
      return `/playbooks/runs/${id}`;
    case "team":
      return teamPath(api, userId, id);
    case "user":
      return messagesPath(api, userId, id);
    case "channel":
      return channelPath(api, userId, id);
    case "call": {
      const path = await channelPath(api, userId, id);
      return path && `${path}?join_call=true`;
    }
    default:
      return null;
  }
}

async function teamPath(api: DestinationApi, userId: string, teamId: string): Promise<string | null> {
  const member = await api.getTeamMember(teamId, userId);
  if (member?.DeleteAt !== 0) return null;
  const team = await api.getTeam(teamId);
  return team && NAME.test(team.Name) ? `/${team.Name}` : null;
}

async function channelPath(api: DestinationApi, userId: string, channelId: string): Promise<string | null> {
  if (!(await api.hasPermissionToChannel(userId, channelId, readChannel))) return null;
  const channel = await api.getChannel(channelId);
  if (!channel || !NAME.test(channel.Name)) return null;
  if (channel.Type === "D") return messagesPath(api, userId, otherOf(channel, userId));
  const team =
    channel.TeamId === "" ? await homeTeam(api, userId) : (await api.getTeam(channel.TeamId))?.Name;
  if (!team || !NAME.test(team)) return null;
  return channel.Type === "G" ? `/${team}/messages/${channel.Name}` : `/${team}/channels/${channel.Name}`;
}

/** Direct channels are named by their two people: `{id}__{id}`. */
function otherOf({ Name }: Pick<Channel, "Name">, userId: string): string {
  const [one = "", two = ""] = Name.split("__");
  return one === userId ? two : one;
}

async function messagesPath(api: DestinationApi, userId: string, otherId: string): Promise<string | null> {
  const [other, team] = await Promise.all([api.getUser(otherId), homeTeam(api, userId)]);
  return other && team && NAME.test(other.Username) ? `/${team}/messages/@${other.Username}` : null;
}

async function homeTeam(api: DestinationApi, userId: string): Promise<string | null> {
  const name = (await api.getTeamsForUser(userId))[0]?.Name;
  return name && NAME.test(name) ? name : null;
}
