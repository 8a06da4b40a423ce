/** The plugin API over a World, for unit tests in the same process and for the sandbox's RPC server. */

import { type BotsApi, botsApi } from "./api/bots.ts";
import { type ChannelsApi, channelsApi } from "./api/channels.ts";
import { type GroupsApi, groupsApi } from "./api/groups.ts";
import { type PostsApi, postsApi } from "./api/posts.ts";
import { type PreferencesApi, preferencesApi } from "./api/preferences.ts";
import { type ServerApi, serverApi } from "./api/server.ts";
import { type SessionsApi, sessionsApi } from "./api/sessions.ts";
import { type StatusesApi, statusesApi } from "./api/statuses.ts";
import { type TeamsApi, teamsApi } from "./api/teams.ts";
import { type UsersApi, usersApi } from "./api/users.ts";
import type { Caller } from "./caller.ts";
import { FIRST_NODE, type World } from "./world.ts";

/** The part of plugin.API that the stand-in implements; other methods are unknown, as on an older server. */
export type StandInApi = UsersApi &
  SessionsApi &
  StatusesApi &
  PreferencesApi &
  BotsApi &
  TeamsApi &
  ChannelsApi &
  GroupsApi &
  PostsApi &
  ServerApi;

export function pluginApi(world: World, caller: Partial<Omit<Caller, "world">> = {}): StandInApi {
  const who: Caller = {
    pluginId: "mission-collaboration",
    node: FIRST_NODE,
    manifest: { settings: [] },
    bundlePath: "/opt/mattermost/plugins/mission-collaboration",
    ...caller,
    world,
  };
  return {
    ...usersApi(who),
    ...sessionsApi(who),
    ...statusesApi(who),
    ...preferencesApi(who),
    ...botsApi(who),
    ...teamsApi(who),
    ...channelsApi(who),
    ...groupsApi(who),
    ...postsApi(who),
    ...serverApi(who),
  };
}

/** Returns the error with which a call fails, or undefined to run it. */
export type Fault = (
  method: string,
  args: readonly unknown[],
) => Error | undefined | Promise<Error | undefined>;

/**
 * The same API, observed: `seen` gets every call before it runs, and `fault` can make it fail. For counting calls in
 * tests and benchmarks, and for tests of a misbehaving server.
 */
export function watched<A extends object>(
  api: A,
  seen: (method: string, args: readonly unknown[]) => void,
  fault?: Fault,
): A {
  return new Proxy(api, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== "function" || typeof name !== "string") return method;
      return async (...args: unknown[]) => {
        seen(name, args);
        const error = await fault?.(name, args);
        if (error) throw error;
        return method.apply(target, args);
      };
    },
  });
}
