/** Tells the web app what to show: of a feature that is switched off nothing is registered there. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { Feature } from "../../platform/feature.ts";
import { Routes } from "../../platform/http/index.ts";

export function webAppFeature({ config }: { readonly config: ConfigSource }): Feature {
  return {
    name: "web-app",
    /**
     *   GET /api/v1/features   {"calendar": true, "channels": false, "chats": false}
     */
    routes: new Routes().get("/api/v1/features", "member", () => {
      const { calendar_enabled, channels_enabled, chats_enabled } = config.current.settings;
      return Response.json({ calendar: calendar_enabled, channels: channels_enabled, chats: chats_enabled });
    }),
  };
}
