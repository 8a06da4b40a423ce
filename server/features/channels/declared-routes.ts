/** The routes of linked channels; their code is loaded on demand (route-table.ts). */

import type { Declared } from "../../platform/http/index.ts";

export const channelsRoutes = [
  ["GET", "/api/v1/channels/complete/teams", "member"],
  ["GET", "/api/v1/channels/complete/channels", "member"],
  ["GET", "/api/v1/channels/teams", "member"],
  ["GET", "/api/v1/channels/teams/:teamId/channels", "member"],
  ["GET", "/api/v1/channels/compare", "member"],
  ["GET", "/api/v1/channels/links/:channelId", "member"],
  ["POST", "/api/v1/channels/links", "member"],
  ["DELETE", "/api/v1/channels/links/:channelId", "member"],
  ["GET", "/api/v1/channels/people/:objectId/picture", "member"],
  ["GET", "/api/v1/admin/channels/links", "admin"],
  ["POST", "/api/v1/admin/channels/links/:id/retry", "admin"],
  ["DELETE", "/api/v1/admin/channels/links/:id", "admin"],
] as const satisfies readonly Declared[];
