/** Shared by the routes of the REST API: the caller of a request, the account that it is about, and permissions. */

import type { Context, Hono } from "hono";
import type { Channel, User } from "../../../server/runtime/mattermost/index.ts";
import { appError, badRequest, notFound } from "./app-error.ts";
import { roleNames, rolesGrant } from "./permissions.ts";
import type { PluginBundle } from "./plugin-bundle.ts";
import { toJson } from "./rest-json.ts";
import type { World } from "./world.ts";

export interface RestPorts {
  readonly world: World;
  readonly bundle: PluginBundle;
  /** The cluster node that answers this request. */
  node(): string;
  /** A request of the server itself to the plugin, with a session's user. */
  toPlugin(path: string, body: object, sessionId: string): Promise<Response>;
  setPluginEnabled(enabled: boolean): Promise<void>;
}

export type Vars = { Variables: { user: User; sessionId: string } };
export type Body = Record<string, unknown>;

export type App = Hono<Vars>;

export type RestContext = ReturnType<typeof restContext>;

export function restContext(world: World) {
  const body = async (c: Context): Promise<Body> => {
    const json: unknown = await c.req.json().catch(() => null);
    if (typeof json !== "object" || json === null)
      throw badRequest("decodeJSON", "api.context.invalid_body_param.app_error");
    return json as Body;
  };
  const person = (c: Context<Vars>, id = c.req.param("user") ?? "me"): User => {
    const found = id === "me" ? c.get("user") : world.users.get(id);
    if (!found) throw notFound("GetUser", "app.user.missing_account.const");
    return found;
  };
  /** The account of the path: the caller's own, or anybody's for a system admin. */
  const ownOrAnyones = (c: Context<Vars>): User => {
    const found = person(c);
    if (found.Id !== c.get("user").Id) admin(c.get("user"));
    return found;
  };
  const channelFor = (user: User, channel: Channel) => {
    const member = world.channelMember(channel.Id, user.Id);
    const others = world.channelMembers(channel.Id).filter((each) => each.UserId !== user.Id);
    const names = others.map((each) => shownName(world.users.get(each.UserId))).join(", ");
    return {
      ...toJson(channel),
      display_name:
        channel.Type === "D" || channel.Type === "G" ? names || shownName(user) : channel.DisplayName,
      unread: Math.max(0, channel.TotalMsgCount - (member?.MsgCount ?? 0)),
      mentions: member?.MentionCount ?? 0,
    };
  };
  const readable = (user: User, channelId: string): Channel => {
    const channel = world.channels.get(channelId);
    if (!channel || !world.mayInChannel(user.Id, channelId, "read_channel_content"))
      throw appError("Permissions", "api.context.permissions.app_error", 403);
    return channel;
  };
  /** Readers of the System Console: system admins, and the roles to which an admin delegates it. */
  const mayReadConsole = (user: User) => {
    const roles = roleNames(user.Roles);
    if (!rolesGrant(roles, "manage_system") && !rolesGrant(roles, "sysconsole_read_plugins"))
      throw appError("Permissions", "api.context.permissions.app_error", 403);
  };
  const admin = (user: User) => {
    if (!rolesGrant(roleNames(user.Roles), "manage_system"))
      throw appError("Permissions", "api.context.permissions.app_error", 403);
  };
  return { body, person, ownOrAnyones, channelFor, readable, mayReadConsole, admin };
}

function shownName(user: User | undefined): string {
  return [user?.FirstName, user?.LastName].filter(Boolean).join(" ") || (user?.Username ?? "");
}
