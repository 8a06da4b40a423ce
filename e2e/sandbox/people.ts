/** Finds people of the sandbox by their user name in Mattermost, and the channels they write in. */

import type { User } from "../../server/runtime/mattermost/index.ts";
import type { World } from "./mattermost/world.ts";
import type { Person, Tenant } from "./tenant.ts";

export function userOf(world: World, username: string): User {
  const user = world.userByUsername(username);
  if (!user) throw new Error(`there is no ${username}`);
  return user;
}

/** The Microsoft account with the same address. */
export function personOf(
  { tenant, world }: { readonly tenant: Tenant; readonly world: World },
  username: string,
): Person {
  const person = tenant.person(userOf(world, username).Email);
  if (!person) throw new Error(`${username} has no Microsoft account`);
  return person;
}

/** The id of a channel of the team; `@name` is the direct channel with that person, another text is an id already. */
export function channelOf(world: World, team: string, from: User, name: string): string {
  if (name.startsWith("@")) return world.directChannel(from.Id, userOf(world, name.slice(1)).Id).Id;
  return world.channelByName(team, name)?.Id ?? name;
}
