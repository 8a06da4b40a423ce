/** Preferences of people, as plugins read and set them. */

import type { Api } from "../../../../server/runtime/mattermost/index.ts";
import * as model from "../../../../server/runtime/mattermost/wire/model.gen.ts";
import { appError, badRequest } from "../app-error.ts";
import type { Caller } from "../caller.ts";
import { complete } from "../zero.ts";

export type PreferencesApi = Pick<
  Api,
  "getPreferenceForUser" | "getPreferencesForUser" | "updatePreferencesForUser" | "deletePreferencesForUser"
>;

export function preferencesApi({ world, node }: Caller): PreferencesApi {
  return {
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
  };
}
