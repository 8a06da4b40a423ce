/** Tells the web app which features are on, so that it registers nothing for the others. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { Feature } from "../../platform/feature.ts";
import { Routes } from "../../platform/http/index.ts";
import { calendarSettings, channelsSettings, chatsSettings } from "../../platform/settings/index.ts";

export function webAppFeature({ config }: { readonly config: ConfigSource }): Feature {
  return {
    name: "web-app",
    /**
     *   GET /api/v1/features   {"calendar": true, "channels": false, "chats": false}
     */
    routes: new Routes().get("/api/v1/features", "member", () => {
      const { current } = config;
      return Response.json({
        calendar: current.section(calendarSettings).calendar_enabled,
        channels: current.section(channelsSettings).channels_enabled,
        chats: current.section(chatsSettings).chats_enabled,
      });
    }),
  };
}
