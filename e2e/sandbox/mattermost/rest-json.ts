/** Go structs as the REST API shows them: JSON names are the field names in snake case. */

import type { User } from "../../../server/runtime/mattermost/index.ts";

const names = new Map<string, string>();

function snake(name: string): string {
  let result = names.get(name);
  if (result === undefined) {
    result = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
    names.set(name, result);
  }
  return result;
}

/** `{ UserId }` → `{ user_id }`, one level deep: inner maps (props, notify_props) keep their keys. */
export function toJson(struct: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(struct).map(([name, value]) => [snake(name), value]));
}

/** `{ user_id }` → `{ UserId }`. */
export function fromJson(json: Record<string, unknown>): Record<string, unknown> {
  const pascal = (name: string) =>
    name.replace(/(^|_)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [pascal(name), value]));
}

/** User.Sanitize: neither the password nor the identity at another provider leaves the server. */
export function userToJson(user: User): Record<string, unknown> {
  const { Password: _, AuthData: __, MfaSecret: ___, MfaUsedTimestamps: ____, ...shown } = user;
  return toJson(shown);
}
