/** Teams and their members, as plugins see them. */

import type { Api, Team } from "../../../../server/runtime/mattermost/index.ts";
import * as model from "../../../../server/runtime/mattermost/wire/model.gen.ts";
import { notFound } from "../app-error.ts";
import type { Caller } from "../caller.ts";
import { complete } from "../zero.ts";
import { needUser, page } from "./lookups.ts";

export type TeamsApi = Pick<
  Api,
  | "getTeam"
  | "getTeamByName"
  | "getTeams"
  | "getTeamsForUser"
  | "searchTeams"
  | "createTeam"
  | "getTeamMember"
  | "getTeamMembers"
  | "getTeamMembersForUser"
  | "createTeamMember"
  | "createTeamMembers"
  | "deleteTeamMember"
  | "getTeamStats"
>;

export function teamsApi({ world }: Caller): TeamsApi {
  const team = (where: string, found: Team | undefined): Team => {
    if (!found) throw notFound(where, "app.team.get.find.app_error");
    return structuredClone(found);
  };

  return {
    getTeam: async (id) => team("GetTeam", world.teams.get(id)),
    getTeamByName: async (name) =>
      team(
        "GetTeamByName",
        [...world.teams.values()].find((each) => each.Name === name),
      ),
    getTeams: async () => structuredClone([...world.teams.values()]),
    getTeamsForUser: async (userId) =>
      structuredClone(
        world
          .teamMembersOfUser(userId)
          .flatMap((member) => world.teams.get(member.TeamId) ?? [])
          .filter((each) => each.DeleteAt === 0),
      ),
    searchTeams: async (term) =>
      structuredClone([...world.teams.values()].filter((each) => each.Name.includes(term.toLowerCase()))),
    async createTeam(part) {
      const { Id: _, ...given } = complete(model.Team, part);
      return structuredClone(world.addTeam(given));
    },
    async getTeamMember(teamId, userId) {
      const member = world.teamMember(teamId, userId);
      if (!member) throw notFound("GetTeamMember", "app.team.get_member.missing.app_error");
      return structuredClone(member);
    },
    getTeamMembers: async (teamId, number, size) => page(world.teamMembers(teamId), number, size),
    getTeamMembersForUser: async (userId, number, size) =>
      page(world.teamMembersOfUser(userId), number, size),
    async createTeamMember(teamId, userId) {
      team("CreateTeamMember", world.teams.get(teamId));
      needUser(world, "CreateTeamMember", userId);
      return structuredClone(world.joinTeam(userId, teamId));
    },
    async createTeamMembers(teamId, userIds) {
      team("CreateTeamMembers", world.teams.get(teamId));
      return structuredClone(
        userIds.map((userId) => world.joinTeam(needUser(world, "CreateTeamMembers", userId).Id, teamId)),
      );
    },
    deleteTeamMember: async (teamId, userId) => world.leaveTeam(userId, teamId),
    async getTeamStats(teamId) {
      const users = world.teamMembers(teamId).map((member) => world.users.get(member.UserId));
      return {
        TeamId: teamId,
        TotalMemberCount: users.length,
        ActiveMemberCount: users.filter((user) => user?.DeleteAt === 0).length,
      };
    },
  };
}
