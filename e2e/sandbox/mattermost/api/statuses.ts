/** Status and custom status of people, as plugins read and set them. */

import type { Api } from "../../../../server/runtime/mattermost/index.ts";
import * as model from "../../../../server/runtime/mattermost/wire/model.gen.ts";
import { appError, badRequest, notFound } from "../app-error.ts";
import type { Caller } from "../caller.ts";
import { complete } from "../zero.ts";
import { foundUser } from "./lookups.ts";

export type StatusesApi = Pick<
  Api,
  | "getUserStatus"
  | "getUserStatusesByIds"
  | "updateUserStatus"
  | "setUserStatusTimedDND"
  | "updateUserCustomStatus"
  | "removeUserCustomStatus"
>;

export function statusesApi({ world }: Caller): StatusesApi {
  return {
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
      foundUser("UpdateUserStatus", world.users.get(userId));
      if (!["online", "away", "dnd", "offline"].includes(status))
        throw badRequest("UpdateUserStatus", "plugin.api.update_user_status.bad_status");
      const { DNDEndTime = 0, PrevStatus = "" } = world.statuses.get(userId) ?? {};
      const kept = status === "offline" ? { DNDEndTime: 0, PrevStatus: "" } : { DNDEndTime, PrevStatus };
      return structuredClone(world.setStatus(userId, status, { Manual: status !== "online", ...kept }));
    },
    async setUserStatusTimedDND(userId, endtime) {
      foundUser("SetUserStatusTimedDND", world.users.get(userId));
      const PrevStatus = world.statuses.get(userId)?.Status ?? "offline";
      const DNDEndTime = endtime - (endtime % 60);
      return structuredClone(world.setStatus(userId, "dnd", { Manual: true, DNDEndTime, PrevStatus }));
    },
    async updateUserCustomStatus(userId, part) {
      const user = foundUser("UpdateUserCustomStatus", world.users.get(userId));
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
      const user = foundUser("RemoveUserCustomStatus", world.users.get(userId));
      const { customStatus: _, ...others } = user.Props ?? {};
      world.putUser({ ...user, Props: others, UpdateAt: world.now() });
    },
  };
}
