/** Groups of the directory and their members, as plugins see them. */

import type { Api, Group } from "../../../../server/runtime/mattermost/index.ts";
import { notFound } from "../app-error.ts";
import type { Caller } from "../caller.ts";
import { byUsername, page } from "./lookups.ts";

export type GroupsApi = Pick<
  Api,
  | "getGroup"
  | "getGroupByName"
  | "getGroups"
  | "getGroupsBySource"
  | "getGroupsForUser"
  | "getGroupMemberUsers"
>;

export function groupsApi({ world }: Caller): GroupsApi {
  const group = (where: string, found: Group | undefined): Group => {
    if (!found || found.DeleteAt > 0) throw notFound(where, "app.group.no_rows");
    return structuredClone(found);
  };

  return {
    getGroup: async (id) => group("GetGroup", world.groups.get(id)),
    getGroupByName: async (name) =>
      group(
        "GetGroupByName",
        [...world.groups.values()].find((each) => each.Name === name),
      ),
    getGroups: async (number, size) =>
      page(
        [...world.groups.values()].filter((each) => each.DeleteAt === 0),
        number,
        size,
      ),
    getGroupsBySource: async (source) =>
      structuredClone(
        [...world.groups.values()].filter((each) => each.Source === source && each.DeleteAt === 0),
      ),
    getGroupsForUser: async (userId) =>
      structuredClone(world.groupsOf(userId).filter((each) => each.DeleteAt === 0)),
    getGroupMemberUsers: async (groupId, number, size) =>
      page(
        world
          .groupMemberIds(groupId)
          .flatMap((id) => world.users.get(id) ?? [])
          .filter((user) => user.DeleteAt === 0)
          .sort(byUsername),
        number,
        size,
      ),
  };
}
