import { pointer, string, struct } from "../gob/index.ts";
import type { CallLimit, RpcClient } from "../goplugin/index.ts";
import { codecOf } from "./method-codec.ts";
import { apiMethods } from "./wire/api.gen.ts";

/**
 * The part of GetConfig's reply down to the site URL. gob skips fields that the type does not name. The whole
 * configuration has 70 struct types, and compiling their readers takes a quarter of a plugin's time from exec to
 * active.
 */
const reply = struct<{ A: { ServiceSettings: { SiteURL: string } } | null }>("Z_GetConfigReturns", () => ({
  A: pointer(
    struct<{ ServiceSettings: { SiteURL: string } }>("Config", () => ({
      ServiceSettings: struct<{ SiteURL: string }>("ServiceSettings", () => ({
        SiteURL: string,
      })),
    })),
  ),
}));

/** Reads ServiceSettings.SiteURL; "" when it is not set. */
export async function readSiteUrl(rpc: RpcClient, limit: CallLimit): Promise<string> {
  const types = { args: codecOf(apiMethods.getConfig).args, returns: reply };
  const { A } = await rpc.call("Plugin.GetConfig", types, {}, limit);
  return A?.ServiceSettings.SiteURL ?? "";
}
