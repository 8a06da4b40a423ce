/** Teams, channels and groups, their members, and what members may do. */

import { createHash } from "node:crypto";
import type {
  Channel,
  ChannelMember,
  Group,
  Team,
  TeamMember,
  User,
} from "../../../server/runtime/mattermost/index.ts";
import { newId } from "./ids.ts";
import { People } from "./people.ts";
import { roleNames, rolesGrant } from "./permissions.ts";
import { Table } from "./table.ts";
import * as zero from "./zero.ts";

export class Places extends People {
  readonly teams = new Map<string, Team>();
  readonly channels = new Map<string, Channel>();
  readonly groups = new Map<string, Group>();
  readonly #teamMembers = new Table<TeamMember>();
  readonly #channelMembers = new Table<ChannelMember>();
  readonly #groupMembers = new Table<true>();

  addTeam(part: Partial<Team> & { Name: string }): Team {
    const at = this.now();
    const team = zero.team({
      Id: newId(),
      ...part,
      CreateAt: at,
      UpdateAt: at,
      DisplayName: part.DisplayName || part.Name,
      InviteId: newId(),
    });
    this.teams.set(team.Id, team);
    for (const [Name, DisplayName] of [
      ["town-square", "Town Square"],
      ["off-topic", "Off-Topic"],
    ] as const) {
      this.addChannel({ TeamId: team.Id, Name, DisplayName });
    }
    return team;
  }

  addChannel(part: Partial<Channel> & { Name: string }): Channel {
    const at = this.now();
    const channel = zero.channel({
      Id: newId(),
      ...part,
      CreateAt: at,
      UpdateAt: at,
      // A direct channel has no name: clients show the other person's.
      DisplayName: part.DisplayName ?? part.Name,
    });
    this.channels.set(channel.Id, channel);
    return channel;
  }

  channelByName(teamId: string, name: string): Channel | undefined {
    for (const channel of this.channels.values()) {
      if (channel.TeamId === teamId && channel.Name === name) return channel;
    }
    return undefined;
  }

  /** Joining a team joins its default channels. */
  joinTeam(userId: string, teamId: string, part: Partial<TeamMember> = {}): TeamMember {
    const known = this.#teamMembers.get(teamId, userId);
    if (known && known.DeleteAt === 0) return known;
    const member = zero.teamMember({ TeamId: teamId, UserId: userId, CreateAt: this.now(), ...part });
    this.#teamMembers.set(teamId, userId, member);
    this.fire("userHasJoinedTeam", member, null);
    for (const name of ["town-square", "off-topic"]) {
      const channel = this.channelByName(teamId, name);
      if (channel) this.join(userId, channel.Id);
    }
    return member;
  }

  leaveTeam(userId: string, teamId: string): void {
    const member = this.#teamMembers.get(teamId, userId);
    if (!member) return;
    for (const channel of this.channelsOf(userId)) {
      if (channel.TeamId === teamId) this.leave(userId, channel.Id);
    }
    const left = { ...member, DeleteAt: this.now() };
    this.#teamMembers.set(teamId, userId, left);
    this.fire("userHasLeftTeam", left, null);
  }

  join(
    userId: string,
    channelId: string,
    part: Partial<ChannelMember> = {},
    actor: User | null = null,
  ): ChannelMember {
    const known = this.#channelMembers.get(channelId, userId);
    if (known) return known;
    const member = zero.channelMember({
      ChannelId: channelId,
      UserId: userId,
      LastUpdateAt: this.now(),
      ...part,
    });
    member.NotifyProps = { ...zero.defaultChannelNotifyProps(), ...part.NotifyProps };
    this.#channelMembers.set(channelId, userId, member);
    this.fire("userHasJoinedChannel", member, actor);
    this.tell({ event: "user_added", data: { user_id: userId, channel_id: channelId }, to: { channelId } });
    return member;
  }

  leave(userId: string, channelId: string, actor: User | null = null): void {
    const member = this.#channelMembers.get(channelId, userId);
    if (!member) return;
    this.#channelMembers.delete(channelId, userId);
    this.fire("userHasLeftChannel", member, actor);
  }

  putChannelMember(member: ChannelMember): void {
    this.#channelMembers.set(member.ChannelId, member.UserId, { ...member, LastUpdateAt: this.now() });
  }

  putTeamMember(member: TeamMember): void {
    this.#teamMembers.set(member.TeamId, member.UserId, member);
  }

  channelMember(channelId: string, userId: string): ChannelMember | undefined {
    return this.#channelMembers.get(channelId, userId);
  }

  /** In a stable order, so that pages neither repeat nor skip. */
  channelMembers(channelId: string): ChannelMember[] {
    return this.#channelMembers.inRow(channelId);
  }

  channelMembersOfUser(userId: string): ChannelMember[] {
    return this.#channelMembers.inColumn(userId);
  }

  channelsOf(userId: string): Channel[] {
    return this.channelMembersOfUser(userId).flatMap((member) => this.channels.get(member.ChannelId) ?? []);
  }

  teamMember(teamId: string, userId: string): TeamMember | undefined {
    return this.#teamMembers.get(teamId, userId);
  }

  teamMembers(teamId: string): TeamMember[] {
    return this.#teamMembers.inRow(teamId).filter((member) => member.DeleteAt === 0);
  }

  teamMembersOfUser(userId: string): TeamMember[] {
    return this.#teamMembers.inColumn(userId).filter((member) => member.DeleteAt === 0);
  }

  /**
   * App.HasPermissionToChannel: by the roles of the membership, of the team and of the system. Members of the team
   * may read its open channels without being channel members.
   */
  mayInChannel(userId: string, channelId: string, permission: string): boolean {
    const channel = this.channels.get(channelId);
    const user = this.users.get(userId);
    if (!channel || !user) return false;
    const member = this.channelMember(channelId, userId);
    const inTeam = this.teamMember(channel.TeamId, userId);
    const teamRoles = inTeam?.DeleteAt === 0 ? roleNames(inTeam.Roles) : [];
    if (
      channel.Type === "O" &&
      permission === "read_channel_content" &&
      rolesGrant(teamRoles, "read_public_channel")
    )
      return true;
    const roles = [...roleNames(member?.Roles ?? ""), ...teamRoles, ...roleNames(user.Roles)];
    return rolesGrant(roles, permission);
  }

  /** Created on first use, as on the server; its name is the two ids in order. */
  directChannel(userId: string, otherId: string): Channel {
    const name = [userId, otherId].sort().join("__");
    const known = this.channelByName("", name);
    if (known) return known;
    const channel = this.addChannel({ Name: name, Type: "D", DisplayName: "" });
    for (const id of new Set([userId, otherId])) this.join(id, channel.Id);
    return channel;
  }

  groupChannel(userIds: string[]): Channel {
    const ids = [...new Set(userIds)].sort();
    const name = createHash("sha1").update(ids.join("")).digest("hex");
    const known = this.channelByName("", name);
    if (known) return known;
    const DisplayName = ids.map((id) => this.users.get(id)?.Username ?? id).join(", ");
    const channel = this.addChannel({ Name: name, Type: "G", DisplayName });
    for (const id of ids) this.join(id, channel.Id);
    return channel;
  }

  addGroup(part: Partial<Group> & { Name: string }, userIds: string[] = []): Group {
    const group = zero.group({
      Id: newId(),
      DisplayName: part.Name,
      CreateAt: this.now(),
      UpdateAt: this.now(),
      ...part,
    });
    this.groups.set(group.Id, group);
    for (const id of userIds) this.#groupMembers.set(group.Id, id, true);
    return group;
  }

  setGroupMember(groupId: string, userId: string, member: boolean): void {
    if (member) this.#groupMembers.set(groupId, userId, true);
    else this.#groupMembers.delete(groupId, userId);
  }

  groupMemberIds(groupId: string): string[] {
    return this.#groupMembers.rowKeys(groupId);
  }

  groupsOf(userId: string): Group[] {
    return this.#groupMembers.columnKeys(userId).flatMap((id) => this.groups.get(id) ?? []);
  }
}
