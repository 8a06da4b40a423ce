/** Channels and their members, as plugins see them. */

import type { Api, Channel, ChannelMember } from "../../../../server/runtime/mattermost/index.ts";
import * as model from "../../../../server/runtime/mattermost/wire/model.gen.ts";
import { badRequest, notFound } from "../app-error.ts";
import type { Caller } from "../caller.ts";
import { complete } from "../zero.ts";
import { needUser, page } from "./lookups.ts";

export type ChannelsApi = Pick<
  Api,
  | "getChannel"
  | "getChannelByName"
  | "getChannelByNameForTeamName"
  | "getChannelsForTeamForUser"
  | "getPublicChannelsForTeam"
  | "searchChannels"
  | "getChannelStats"
  | "createChannel"
  | "updateChannel"
  | "deleteChannel"
  | "restoreChannel"
  | "getDirectChannel"
  | "getGroupChannel"
  | "getChannelMember"
  | "getChannelMembers"
  | "getChannelMembersByIds"
  | "getChannelMembersForUser"
  | "addChannelMember"
  | "addUserToChannel"
  | "deleteChannelMember"
  | "updateChannelMemberRoles"
  | "updateChannelMemberNotifications"
  | "patchChannelMembersNotifications"
>;

export function channelsApi({ world, node }: Caller): ChannelsApi {
  const channel = (where: string, found: Channel | undefined): Channel => {
    if (!found) throw notFound(where, "app.channel.get.existing.app_error");
    return structuredClone(found);
  };
  const channelMember = (where: string, found: ChannelMember | undefined): ChannelMember => {
    if (!found) throw notFound(where, "app.channel.get_member.missing.app_error");
    return structuredClone(found);
  };
  const liveChannel = (where: string, channelId: string) => {
    const found = channel(where, world.channels.get(channelId));
    if (found.DeleteAt > 0) throw badRequest(where, "api.channel.add_user.to.channel.deleted.app_error");
    return found;
  };
  const withProps = (member: ChannelMember, props: object) => ({
    ...member.NotifyProps,
    ...(props as Record<string, string>),
  });
  const mayJoin = (where: string, place: Channel, userId: string) => {
    if (place.TeamId !== "" && world.teamMember(place.TeamId, userId)?.DeleteAt !== 0)
      throw notFound(where, "app.team.get_member.missing.app_error");
  };

  return {
    getChannel: async (id) => channel("GetChannel", world.channels.get(id)),
    async getChannelByName(teamId, name, includeDeleted) {
      const found = world.channelByName(teamId, name);
      return channel(
        "GetChannelByName",
        found && (found.DeleteAt === 0 || includeDeleted) ? found : undefined,
      );
    },
    async getChannelByNameForTeamName(teamName, name, includeDeleted) {
      const inTeam = [...world.teams.values()].find((each) => each.Name === teamName);
      const found = inTeam && world.channelByName(inTeam.Id, name);
      return channel(
        "GetChannelByNameForTeamName",
        found && (found.DeleteAt === 0 || includeDeleted) ? found : undefined,
      );
    },
    /** Direct and group channels belong to every team. */
    getChannelsForTeamForUser: async (teamId, userId, includeDeleted) =>
      structuredClone(
        world
          .channelsOf(userId)
          .filter(
            (each) =>
              (each.TeamId === teamId || each.TeamId === "") && (each.DeleteAt === 0 || includeDeleted),
          ),
      ),
    getPublicChannelsForTeam: async (teamId, number, size) =>
      page(
        [...world.channels.values()].filter(
          (each) => each.TeamId === teamId && each.Type === "O" && each.DeleteAt === 0,
        ),
        number,
        size,
      ),
    searchChannels: async (teamId, term) =>
      structuredClone(
        [...world.channels.values()].filter(
          (each) => each.TeamId === teamId && each.Name.includes(term.toLowerCase()),
        ),
      ),
    getChannelStats: async (channelId) => ({
      ChannelId: channelId,
      MemberCount: world.channelMembers(channelId).length,
      GuestCount: world.channelMembers(channelId).filter((member) => member.SchemeGuest).length,
      PinnedPostCount: world.postsIn(channelId).filter((post) => post.IsPinned).length,
      FilesCount: 0,
    }),
    async createChannel(part) {
      const { Id: _, ...given } = complete(model.Channel, part);
      if (world.channelByName(given.TeamId, given.Name))
        throw badRequest("CreateChannel", "store.sql_channel.save_channel.exists.app_error");
      const made = world.addChannel(given);
      if (made.CreatorId !== "")
        world.join(made.CreatorId, made.Id, { SchemeAdmin: true, Roles: "channel_user channel_admin" });
      world.fireOn(node, "channelHasBeenCreated", made);
      return structuredClone(made);
    },
    async updateChannel(part) {
      const known = channel("UpdateChannel", world.channels.get(part?.Id ?? ""));
      const next = { ...complete(model.Channel, part), CreateAt: known.CreateAt, UpdateAt: world.now() };
      world.channels.set(next.Id, next);
      return structuredClone(next);
    },
    async deleteChannel(id) {
      channel("DeleteChannel", world.channels.get(id));
      const live = world.channels.get(id);
      if (live) live.DeleteAt = world.now();
    },
    async restoreChannel(id) {
      channel("RestoreChannel", world.channels.get(id));
      const live = world.channels.get(id);
      if (live) live.DeleteAt = 0;
    },
    async getDirectChannel(userId1, userId2) {
      for (const id of [userId1, userId2]) needUser(world, "GetDirectChannel", id);
      return structuredClone(world.directChannel(userId1, userId2));
    },
    async getGroupChannel(userIds) {
      if (userIds.length < 3 || userIds.length > 8)
        throw badRequest("CreateGroupChannel", "api.channel.create_group.bad_size.app_error");
      for (const id of userIds) needUser(world, "GetGroupChannel", id);
      return structuredClone(world.groupChannel([...userIds]));
    },

    getChannelMember: async (channelId, userId) =>
      channelMember("GetChannelMember", world.channelMember(channelId, userId)),
    getChannelMembers: async (channelId, number, size) => page(world.channelMembers(channelId), number, size),
    // Ids of non-members are left out without an error.
    getChannelMembersByIds: async (channelId, userIds) =>
      structuredClone(userIds.flatMap((userId) => world.channelMember(channelId, userId) ?? [])),
    getChannelMembersForUser: async (teamId, userId, number, size) =>
      page(
        world.channelMembersOfUser(userId).filter((member) => {
          const place = world.channels.get(member.ChannelId)?.TeamId;
          return teamId === "" || place === teamId || place === "";
        }),
        number,
        size,
      ),
    async addChannelMember(channelId, userId) {
      const place = liveChannel("AddChannelMember", channelId);
      mayJoin("AddChannelMember", place, needUser(world, "AddChannelMember", userId).Id);
      return structuredClone(world.join(userId, channelId));
    },
    async addUserToChannel(channelId, userId, asUserId) {
      const place = liveChannel("AddUserToChannel", channelId);
      mayJoin("AddUserToChannel", place, needUser(world, "AddUserToChannel", userId).Id);
      return structuredClone(
        world.join(userId, channelId, {}, needUser(world, "AddUserToChannel", asUserId)),
      );
    },
    async deleteChannelMember(channelId, userId) {
      channelMember("DeleteChannelMember", world.channelMember(channelId, userId));
      world.leave(userId, channelId);
    },
    async updateChannelMemberRoles(channelId, userId, roles) {
      const member = channelMember("UpdateChannelMemberRoles", world.channelMember(channelId, userId));
      world.putChannelMember({ ...member, Roles: roles, SchemeAdmin: roles.includes("channel_admin") });
      return channelMember("UpdateChannelMemberRoles", world.channelMember(channelId, userId));
    },
    async updateChannelMemberNotifications(channelId, userId, notifications) {
      const member = channelMember(
        "UpdateChannelMemberNotifications",
        world.channelMember(channelId, userId),
      );
      world.putChannelMember({ ...member, NotifyProps: withProps(member, notifications) });
      return channelMember("UpdateChannelMemberNotifications", world.channelMember(channelId, userId));
    },
    async patchChannelMembersNotifications(members, notifyProps) {
      for (const each of members) {
        const member = world.channelMember(each?.ChannelId ?? "", each?.UserId ?? "");
        if (member) world.putChannelMember({ ...member, NotifyProps: withProps(member, notifyProps) });
      }
    },
  };
}
