/** Accounts and their pictures, as plugins see them. */

import type { Api, User } from "../../../../server/runtime/mattermost/index.ts";
import * as model from "../../../../server/runtime/mattermost/wire/model.gen.ts";
import { badRequest, notFound } from "../app-error.ts";
import type { Caller } from "../caller.ts";
import { newId } from "../ids.ts";
import type { World } from "../world.ts";
import { complete } from "../zero.ts";
import { byUsername, foundUser } from "./lookups.ts";

export type UsersApi = Pick<
  Api,
  | "getUser"
  | "getUserByEmail"
  | "getUserByUsername"
  | "getUsersByIds"
  | "getUsersByUsernames"
  | "getUsers"
  | "getUsersInTeam"
  | "getUsersInChannel"
  | "searchUsers"
  | "createUser"
  | "updateUser"
  | "updateUserActive"
  | "updateUserRoles"
  | "updateUserAuth"
  | "deleteUser"
  | "getProfileImage"
  | "setProfileImage"
>;

export function usersApi({ world, node }: Caller): UsersApi {
  const known = (users: (User | undefined)[]) =>
    users.flatMap((user) => (user ? [structuredClone(user)] : []));
  const page = <T>(all: T[], number: number, size: number) => all.slice(number * size, (number + 1) * size);

  return {
    getUser: async (userId) => foundUser("GetUser", world.users.get(userId)),
    getUserByEmail: async (email) => foundUser("GetUserByEmail", world.userByEmail(email)),
    getUserByUsername: async (name) => {
      const user = world.userByUsername(name);
      if (!user) throw notFound("GetUserByUsername", "app.user.get_by_username.app_error");
      return structuredClone(user);
    },
    // Unknown ids are left out without an error; the order is by user name.
    getUsersByIds: async (ids) => known([...new Set(ids)].map((id) => world.users.get(id))).sort(byUsername),
    getUsersByUsernames: async (names) =>
      known([...new Set(names)].map((name) => world.userByUsername(name))).sort(byUsername),

    async getUsers(options) {
      if (!options) throw badRequest("GetUsers", "app.user.get_profiles.app_error");
      const users = [...world.users.values()].filter((user) => {
        if (options.Active && user.DeleteAt > 0) return false;
        if (options.Inactive && user.DeleteAt === 0) return false;
        if (options.InTeamId && world.teamMember(options.InTeamId, user.Id)?.DeleteAt !== 0) return false;
        if (options.InChannelId && !world.channelMember(options.InChannelId, user.Id)) return false;
        if (options.NotInChannelId && world.channelMember(options.NotInChannelId, user.Id)) return false;
        if (options.Role && !user.Roles.split(" ").includes(options.Role)) return false;
        if (options.UpdatedAfter && user.UpdateAt <= options.UpdatedAfter) return false;
        return true;
      });
      return known(page(users.sort(byUsername), options.Page ?? 0, options.PerPage ?? 60));
    },
    getUsersInTeam: async (teamId, number, size) =>
      known(
        page(
          world
            .teamMembers(teamId)
            .flatMap((member) => world.users.get(member.UserId) ?? [])
            .sort(byUsername),
          number,
          size,
        ),
      ),
    async getUsersInChannel(channelId, sortBy, number, size) {
      const rank = ["online", "away", "dnd", "offline"];
      const statusOf = (user: User) => rank.indexOf(world.statuses.get(user.Id)?.Status ?? "offline");
      if (sortBy !== "username" && sortBy !== "status")
        throw badRequest("GetUsersInChannel", "plugin.api.get_users_in_channel", "invalid sort option");
      const users = world
        .channelMembers(channelId)
        .flatMap((member) => world.users.get(member.UserId) ?? [])
        .filter((user) => user.DeleteAt === 0)
        .sort((left, right) =>
          sortBy === "status"
            ? statusOf(left) - statusOf(right) || byUsername(left, right)
            : byUsername(left, right),
        );
      return known(page(users, number, size));
    },
    async searchUsers(search) {
      const term = (search?.Term ?? "").toLowerCase();
      const users = [...world.users.values()].filter((user) =>
        [user.Username, user.FirstName, user.LastName, user.Nickname, user.Email].some((text) =>
          text.toLowerCase().startsWith(term),
        ),
      );
      return known(users.sort(byUsername).slice(0, search?.Limit || 100));
    },

    async createUser(part) {
      const given = complete(model.User, part);
      given.Email = given.Email.toLowerCase();
      if (given.Id !== "") throw badRequest("CreateUser", "app.user.save.existing.app_error");
      if (!/^[a-z0-9._-]{1,64}$/.test(given.Username.toLowerCase()))
        throw badRequest("User.IsValid", "model.user.is_valid.username.app_error");
      if (!/^[^\s@]+@[^\s@]+$/.test(given.Email) || given.Email.length > 128)
        throw badRequest("User.IsValid", "model.user.is_valid.email.app_error");
      if (given.AuthData && given.AuthService === "")
        throw badRequest("User.IsValid", "model.user.is_valid.auth_data_type.app_error");
      if (given.AuthData && given.Password)
        throw badRequest("User.IsValid", "model.user.is_valid.auth_data_pwd.app_error");
      if (given.Password !== "" && given.AuthService === "" && given.Password.length < 8)
        throw badRequest("User.IsValid", "model.user.is_valid.pwd_min_length.app_error");
      const domains = String(world.config.TeamSettings.RestrictCreationToDomains ?? "");
      const domain = given.Email.split("@").at(-1);
      if (
        domains !== "" &&
        !domains
          .toLowerCase()
          .split(/[\s,@]+/)
          .includes(domain ?? "")
      )
        throw badRequest("createUserOrGuest", "api.user.create_user.accepted_domain.app_error");
      checkUnique(world, "CreateUser", given);
      // The server itself decides roles and verification of everybody but the first user.
      const made = world.addUser({
        ...given,
        Id: newId(),
        Roles: "system_user",
        Locale: given.Locale || "en",
      });
      world.fireOn(node, "userHasBeenCreated", made);
      return structuredClone(made);
    },
    async updateUser(part) {
      const given = complete(model.User, part);
      const known = foundUser("UpdateUser", world.users.get(given.Id));
      const next = { ...given, UpdateAt: world.now(), CreateAt: known.CreateAt };
      next.Email = next.Email.toLowerCase();
      next.Username = next.Username.toLowerCase();
      // This call does not change password, sign-in service or roles (SqlUserStore.Update).
      Object.assign(next, {
        Password: known.Password,
        AuthData: known.AuthData,
        AuthService: known.AuthService,
        Roles: known.Roles,
        DeleteAt: known.DeleteAt,
        MfaActive: known.MfaActive,
        MfaSecret: known.MfaSecret,
      });
      checkUnique(world, "UpdateUser", next);
      world.putUser(next);
      return structuredClone(next);
    },
    async updateUserActive(userId, active) {
      foundUser("UpdateUserActive", world.users.get(userId));
      world.setActive(userId, active);
    },
    async updateUserRoles(userId, roles) {
      const user = foundUser("UpdateUserRoles", world.users.get(userId));
      const next = { ...user, Roles: roles, UpdateAt: world.now() };
      world.putUser(next);
      return structuredClone(next);
    },
    async updateUserAuth(userId, part) {
      const auth = complete(model.UserAuth, part);
      const user = foundUser("UpdateUserAuth", world.users.get(userId));
      world.putUser({
        ...user,
        AuthService: auth.AuthService,
        AuthData: auth.AuthData,
        Password: "",
        UpdateAt: world.now(),
      });
      return auth;
    },
    async deleteUser(userId) {
      foundUser("DeleteUser", world.users.get(userId));
      world.setActive(userId, false);
    },
    async getProfileImage(userId) {
      foundUser("GetProfileImage", world.users.get(userId));
      return world.profileImages.get(userId) ?? new Uint8Array();
    },
    async setProfileImage(userId, data) {
      const user = foundUser("SetProfileImage", world.users.get(userId));
      world.profileImages.set(userId, data?.slice() ?? new Uint8Array());
      world.putUser({ ...user, LastPictureUpdate: world.now() });
    },
  };
}

/** No two accounts share an address or a user name. */
export function checkUnique(world: World, where: string, user: User): void {
  const sameEmail = world.userByEmail(user.Email);
  if (sameEmail && sameEmail.Id !== user.Id) throw badRequest(where, "app.user.save.email_exists.app_error");
  const sameName = world.userByUsername(user.Username);
  if (sameName && sameName.Id !== user.Id) throw badRequest(where, "app.user.save.username_exists.app_error");
}
