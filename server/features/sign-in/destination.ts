/**
 * Finds the address in Mattermost for a sub-page id. It is built from ids that the server knows and the person may
 * see, never from the input text: a link cannot lead elsewhere, and cannot reveal what exists.
 */

import type { Api, Channel } from "../../runtime/mattermost/index.ts";

export type DestinationApi = Pick<
  Api,
  | "getChannel"
  | "getPost"
  | "getTeam"
  | "getTeamMember"
  | "getTeamsForUser"
  | "getUser"
  | "hasPermissionToChannel"
  | "hasPermissionToTeam"
>;

const SUB_PAGE = /^(post|thread|channel|team|user|run|call)_([A-Za-z0-9-]{1,40})$/;
const MATTERMOST_ID = /^[a-z0-9]{26}$/;
/** Team, channel and user names that can be used in a path unchanged. */
const NAME = /^[a-z0-9][a-z0-9._-]*$/;

export const readChannel = {
  Id: "read_channel",
  Name: "authentication.permissions.read_channel.name",
  Description: "authentication.permissions.read_channel.description",
  Scope: "channel_scope",
};

const readContent = {
  Id: "read_channel_content",
  Name: "authentication.permissions.read_channel_content.name",
  Description: "authentication.permissions.read_channel_content.description",
  Scope: "channel_scope",
};

const readPublicChannel = {
  Id: "read_public_channel",
  Name: "authentication.permissions.read_public_channel.name",
  Description: "authentication.permissions.read_public_channel.description",
  Scope: "team_scope",
};

/** Returns a path below the site URL; `/` when the id leads nowhere that the person may go. */
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
    // A stale link must not make the sign-in fail.
    return "/";
  }
}

async function pathTo(api: DestinationApi, userId: string, kind: string, id: string): Promise<string | null> {
  switch (kind) {
    case "post":
    case "thread":
      return postPath(api, userId, id);
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

/**
 * Includes the team: the web app's own `/_redirect/pl/{id}` takes the team from local storage, which is empty in a
 * browser where nobody has chosen one, and then the web app shows an empty page.
 */
async function postPath(api: DestinationApi, userId: string, postId: string): Promise<string | null> {
  const post = await api.getPost(postId);
  if (post?.DeleteAt !== 0) return null;
  const channel = await api.getChannel(post.ChannelId);
  if (!channel || !(await mayReadPosts(api, userId, channel))) return null;
  const team = await teamNameOf(api, userId, channel);
  return team && `/${team}/pl/${postId}`;
}

/** The same rule as the server's for a permalink: a member, or somebody of the team when the channel is open. */
async function mayReadPosts(api: DestinationApi, userId: string, channel: Channel): Promise<boolean> {
  if (await api.hasPermissionToChannel(userId, channel.Id, readContent)) return true;
  return channel.Type === "O" && (await api.hasPermissionToTeam(userId, channel.TeamId, readPublicChannel));
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
  const team = await teamNameOf(api, userId, channel);
  if (!team) return null;
  return channel.Type === "G" ? `/${team}/messages/${channel.Name}` : `/${team}/channels/${channel.Name}`;
}

/** Returns the team that shows the channel: its own; for messages between people any team of the person. */
async function teamNameOf(api: DestinationApi, userId: string, channel: Channel): Promise<string | null> {
  if (channel.TeamId === "") return homeTeam(api, userId);
  const team = await api.getTeam(channel.TeamId);
  return team?.DeleteAt === 0 && NAME.test(team.Name) ? team.Name : null;
}

/** Direct channels are named after their two people: `{id}__{id}`. */
function otherOf({ Name }: Pick<Channel, "Name">, userId: string): string {
  const [one = "", two = ""] = Name.split("__");
  return one === userId ? two : one;
}

async function messagesPath(api: DestinationApi, userId: string, otherId: string): Promise<string | null> {
  const [other, team] = await Promise.all([api.getUser(otherId), homeTeam(api, userId)]);
  return other && team && NAME.test(other.Username) ? `/${team}/messages/@${other.Username}` : null;
}

async function homeTeam(api: DestinationApi, userId: string): Promise<string | null> {
  const teams = await api.getTeamsForUser(userId);
  return teams.find(({ DeleteAt, Name }) => DeleteAt === 0 && NAME.test(Name))?.Name ?? null;
}
