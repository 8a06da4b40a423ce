/**
 * `POST /api/v1/location {"subPageId"}` → `{"location"}`: where a link leads for the person who is signed in, for
 * links that arrive while Mattermost is open already. What does not exist and what they may not see answer alike.
 */

import { Hono } from "hono";
import { z } from "zod";
import type { ConfigSource } from "../config/index.ts";
import { errorResponse, ProductError } from "../errors.ts";
import type { RequestContext } from "../mattermost/index.ts";
import { type DestinationApi, destination } from "./destination.ts";
import { privateHeaders, readFromOwnPage } from "./own-page.ts";

const shape = z.object({ subPageId: z.string().max(64) });

export interface LocationPorts {
  readonly config: ConfigSource;
  readonly api: DestinationApi;
}

export function locationRoutes({ config, api }: LocationPorts): Hono<{ Bindings: RequestContext }> {
  return new Hono<{ Bindings: RequestContext }>().post("/api/v1/location", async ({ req, env }) => {
    try {
      const { siteUrl } = config.current;
      if (!siteUrl) throw new ProductError("site_url_invalid");
      const { subPageId } = await readFromOwnPage(req.raw, siteUrl.origin, shape);
      if (env.userId === null) throw new ProductError("not_signed_in");
      const path = await destination(api, env.userId, subPageId);
      if (path === "/") throw new ProductError("not_found");
      return Response.json({ location: siteUrl.subpath + path }, { headers: privateHeaders });
    } catch (error) {
      return errorResponse(error, env.RequestId);
    }
  });
}
