/** Bots, as plugins create and change them. */

import type { Api, Bot } from "../../../../server/runtime/mattermost/index.ts";
import * as model from "../../../../server/runtime/mattermost/wire/model.gen.ts";
import { notFound } from "../app-error.ts";
import type { Caller } from "../caller.ts";
import { complete } from "../zero.ts";
import { checkUnique } from "./users.ts";

export type BotsApi = Pick<
  Api,
  "createBot" | "getBot" | "getBots" | "patchBot" | "updateBotActive" | "permanentDeleteBot" | "ensureBotUser"
>;

export function botsApi({ world, pluginId }: Caller): BotsApi {
  return {
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
    checkUnique(world, "CreateBot", complete(model.User, { Username: part.Username, Email: email }));
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
