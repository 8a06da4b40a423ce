/** Looks up accounts and cuts pages, for every part of the API. */

import type { User } from "../../../../server/runtime/mattermost/index.ts";
import { notFound } from "../app-error.ts";
import type { World } from "../world.ts";

/** A copy of one page of a list. */
export const page = <T>(all: T[], number: number, size: number): T[] =>
  structuredClone(all.slice(number * size, (number + 1) * size));

/** The account itself, not a copy. */
export function needUser(world: World, where: string, userId: string): User {
  const user = world.users.get(userId);
  if (!user) throw notFound(where, "app.user.missing_account.const");
  return user;
}

/** A copy of an account that was looked up. */
export function foundUser(where: string, user: User | undefined): User {
  if (!user) throw notFound(where, "app.user.missing_account.const");
  return structuredClone(user);
}

export const byUsername = (left: User, right: User) => (left.Username < right.Username ? -1 : 1);
