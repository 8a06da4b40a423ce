import type { Api, Bot, User } from "../../../../server/runtime/mattermost/index.ts";
import * as model from "../../../../server/runtime/mattermost/wire/model.gen.ts";
import { appError, badRequest, notFound } from "../app-error.ts";
import type { Caller } from "../caller.ts";
import { newId } from "../ids.ts";
import { complete } from "../zero.ts";

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
  | "createSession"
  | "getSession"
  | "extendSessionExpiry"
  | "revokeSession"
  | "getUserStatus"
  | "getUserStatusesByIds"
  | "updateUserStatus"
  | "setUserStatusTimedDND"
  | "updateUserCustomStatus"
  | "removeUserCustomStatus"
  | "getPreferenceForUser"
  | "getPreferencesForUser"
  | "updatePreferencesForUser"
  | "deletePreferencesForUser"
  | "createBot"
  | "getBot"
  | "getBots"
  | "patchBot"
  | "updateBotActive"
  | "permanentDeleteBot"
  | "ensureBotUser"
>;

export function usersApi({ world, pluginId, node }: Caller): UsersApi {
  const missing = (where: string) => notFound(where, "app.user.missing_account.const");
  const need = (where: string, user: User | undefined): User => {
    if (!user) throw missing(where);
    return structuredClone(user);
  };
  const known = (users: (User | undefined)[]) =>
    users.flatMap((user) => (user ? [structuredClone(user)] : []));
  const byUsername = (left: User, right: User) => (left.Username < right.Username ? -1 : 1);
  const page = <T>(all: T[], number: number, size: number) => all.slice(number * size, (number + 1) * size);

  function checkUnique(where: string, user: User): void {
    const sameEmail = world.userByEmail(user.Email);
    if (sameEmail && sameEmail.Id !== user.Id)
      throw badRequest(where, "app.user.save.email_exists.app_error");
    const sameName = world.userByUsername(user.Username);
    if (sameName && sameName.Id !== user.Id)
      throw badRequest(where, "app.user.save.username_exists.app_error");
  }

  return {
    getUser: async (userId) => need("GetUser", world.users.get(userId)),
    getUserByEmail: async (email) => need("GetUserByEmail", world.userByEmail(email)),
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
      checkUnique("CreateUser", given);
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
      const known = need("UpdateUser", world.users.get(given.Id));
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
      checkUnique("UpdateUser", next);
      world.putUser(next);
      return structuredClone(next);
    },
    async updateUserActive(userId, active) {
      need("UpdateUserActive", world.users.get(userId));
      world.setActive(userId, active);
    },
    async updateUserRoles(userId, roles) {
      const user = need("UpdateUserRoles", world.users.get(userId));
      const next = { ...user, Roles: roles, UpdateAt: world.now() };
      world.putUser(next);
      return structuredClone(next);
    },
    async updateUserAuth(userId, part) {
      const auth = complete(model.UserAuth, part);
      const user = need("UpdateUserAuth", world.users.get(userId));
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
      need("DeleteUser", world.users.get(userId));
      world.setActive(userId, false);
    },
    async getProfileImage(userId) {
      need("GetProfileImage", world.users.get(userId));
      return world.profileImages.get(userId) ?? new Uint8Array();
    },
    async setProfileImage(userId, data) {
      const user = need("SetProfileImage", world.users.get(userId));
      world.profileImages.set(userId, data?.slice() ?? new Uint8Array());
      world.putUser({ ...user, LastPictureUpdate: world.now() });
    },

    // The plugin API checks neither whether the account exists nor whether it is active: plugins must.
    createSession: async (part) => structuredClone(world.addSession(complete(model.Session, part))),
    async getSession(sessionId) {
      const session = world.sessions.get(sessionId);
      if (!session) throw badRequest("GetSessionById", "app.session.get.app_error");
      return structuredClone(session);
    },
    async extendSessionExpiry(sessionId, newExpiry) {
      const session = world.sessions.get(sessionId);
      if (!session) throw badRequest("extendSessionExpiry", "app.session.get.app_error");
      session.ExpiresAt = newExpiry;
    },
    async revokeSession(sessionId) {
      if (!world.sessions.delete(sessionId))
        throw badRequest("RevokeSessionById", "app.session.get.app_error");
    },

    async getUserStatus(userId) {
      const status = world.statuses.get(userId);
      if (!status) throw notFound("GetStatus", "app.status.get.missing.app_error");
      return structuredClone(status);
    },
    // People without a row are offline (App.GetUserStatusesByIds fills them in).
    getUserStatusesByIds: async (ids) =>
      world.config.ServiceSettings.EnableUserStatuses === false
        ? []
        : ids.map((UserId) =>
            structuredClone(
              world.statuses.get(UserId) ?? {
                UserId,
                Status: "offline",
                Manual: false,
                LastActivityAt: 0,
                ActiveChannel: "",
                DNDEndTime: 0,
                PrevStatus: "",
              },
            ),
          ),
    // The traps of the real server: docs/facts/microsoft-calendar.md 13.
    async updateUserStatus(userId, status) {
      need("UpdateUserStatus", world.users.get(userId));
      if (!["online", "away", "dnd", "offline"].includes(status))
        throw badRequest("UpdateUserStatus", "plugin.api.update_user_status.bad_status");
      const { DNDEndTime = 0, PrevStatus = "" } = world.statuses.get(userId) ?? {};
      const kept = status === "offline" ? { DNDEndTime: 0, PrevStatus: "" } : { DNDEndTime, PrevStatus };
      return structuredClone(world.setStatus(userId, status, { Manual: status !== "online", ...kept }));
    },
    async setUserStatusTimedDND(userId, endtime) {
      need("SetUserStatusTimedDND", world.users.get(userId));
      const PrevStatus = world.statuses.get(userId)?.Status ?? "offline";
      const DNDEndTime = endtime - (endtime % 60);
      return structuredClone(world.setStatus(userId, "dnd", { Manual: true, DNDEndTime, PrevStatus }));
    },
    async updateUserCustomStatus(userId, part) {
      const user = need("UpdateUserCustomStatus", world.users.get(userId));
      const { Duration, Emoji, ExpiresAt, Text } = complete(model.CustomStatus, part);
      const durations = [
        "",
        "thirty_minutes",
        "one_hour",
        "four_hours",
        "today",
        "this_week",
        "date_and_time",
      ];
      const expired = Duration !== "" && ExpiresAt.getTime() <= world.now();
      if (world.config.TeamSettings.EnableCustomUserStatuses === false)
        throw appError("UpdateUserCustomStatus", "api.custom_status.disabled", 501);
      if ([...Text].length > 100 || !durations.includes(Duration) || expired || (Emoji === "" && Text === ""))
        throw badRequest("UpdateUserCustomStatus", "api.custom_status.set_custom_statuses.update.app_error");
      const customStatus = JSON.stringify({
        emoji: Emoji === "" ? "speech_balloon" : Emoji,
        text: Text,
        duration: Duration,
        expires_at: Duration === "" ? "0001-01-01T00:00:00Z" : ExpiresAt.toISOString(),
      });
      world.putUser({ ...user, Props: { ...user.Props, customStatus }, UpdateAt: world.now() });
    },
    async removeUserCustomStatus(userId) {
      const user = need("RemoveUserCustomStatus", world.users.get(userId));
      const { customStatus: _, ...others } = user.Props ?? {};
      world.putUser({ ...user, Props: others, UpdateAt: world.now() });
    },

    async getPreferenceForUser(userId, category, name) {
      const preference = world.preferences(userId).get(`${category}\0${name}`);
      if (!preference)
        throw badRequest("GetPreferenceByCategoryAndNameForUser", "app.preference.get.app_error");
      return { ...preference };
    },
    getPreferencesForUser: async (userId) =>
      [...world.preferences(userId).values()].map((each) => ({ ...each })),
    async updatePreferencesForUser(userId, given) {
      const preferences = given.map((each) => complete(model.Preference, each));
      for (const each of preferences) {
        if (each.UserId !== userId)
          throw appError("UpdatePreferences", "api.preference.update_preferences.set.app_error", 403);
        if (
          each.Value.length > 2000 ||
          each.Category === "" ||
          each.Category.length > 32 ||
          each.Name.length > 32
        )
          throw badRequest("Preference.IsValid", "model.preference.is_valid.value.app_error");
      }
      for (const each of preferences) world.setPreference(userId, each.Category, each.Name, each.Value);
      world.fireOn(node, "preferencesHaveChanged", preferences);
    },
    async deletePreferencesForUser(userId, preferences) {
      for (const each of preferences) world.preferences(userId).delete(`${each.Category}\0${each.Name}`);
    },

    createBot: async (part) => makeBot(complete(model.Bot, part)),
    async getBot(botUserId, includeDeleted) {
      const bot = world.bots.get(botUserId);
      if (!bot || (bot.DeleteAt > 0 && !includeDeleted))
        throw notFound("GetBot", "store.sql_bot.get.missing.app_error");
      return { ...bot };
    },
    getBots: async () => [...world.bots.values()].map((bot) => ({ ...bot })),
    async patchBot(botUserId, patch) {
      const bot = world.bots.get(botUserId);
      if (!bot) throw notFound("PatchBot", "store.sql_bot.get.missing.app_error");
      if (patch?.Username) bot.Username = patch.Username;
      if (patch?.DisplayName) bot.DisplayName = patch.DisplayName;
      if (patch?.Description) bot.Description = patch.Description;
      return { ...bot };
    },
    async updateBotActive(botUserId, active) {
      const bot = world.bots.get(botUserId);
      if (!bot) throw notFound("UpdateBotActive", "store.sql_bot.get.missing.app_error");
      bot.DeleteAt = active ? 0 : world.now();
      world.setActive(botUserId, active);
      return { ...bot };
    },
    async permanentDeleteBot(botUserId) {
      world.bots.delete(botUserId);
      world.users.delete(botUserId);
    },
    /** The id is stored in the plugin's own KV store, like App.EnsureBot does. */
    async ensureBotUser(part) {
      const kv = world.kv(pluginId);
      const remembered = kv.get("mmi_botid");
      if (remembered) return new TextDecoder().decode(remembered);
      const bot = complete(model.Bot, part);
      const id = world.userByUsername(bot.Username)?.Id ?? makeBot(bot).UserId;
      kv.set("mmi_botid", new TextEncoder().encode(id));
      return id;
    },
  };

  function makeBot(part: Bot): Bot {
    const email = `${part.Username.toLowerCase()}@localhost`;
    checkUnique("CreateBot", complete(model.User, { Username: part.Username, Email: email }));
    const user = world.addUser({
      Username: part.Username,
      Email: email,
      FirstName: part.DisplayName,
      IsBot: true,
      BotDescription: part.Description,
    });
    const at = world.now();
    const bot = { ...part, UserId: user.Id, OwnerId: pluginId, CreateAt: at, UpdateAt: at, DeleteAt: 0 };
    world.bots.set(user.Id, bot);
    return { ...bot };
  }
}
