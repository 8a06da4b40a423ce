/** Completes partial structs: Go's zero values, then what the server's own PreSave fills in. */

import type { AnyType, Type } from "../../../server/runtime/gob/types.ts";
import * as model from "../../../server/runtime/mattermost/wire/model.gen.ts";
import type { Input } from "../../../server/runtime/mattermost/wire/shapes.ts";
import { newId } from "./ids.ts";

/** Go's zero value of a wire type, with the fields of `part` in it. */
export function complete<T extends object>(
  type: Type<T>,
  part: NoInfer<Input<T> | Partial<T>> | null | undefined,
): T {
  const value = zeroOf(type as AnyType) as Record<string, unknown>;
  for (const [key, given] of Object.entries(structuredClone(part ?? {})))
    if (given !== undefined && given !== null) value[key] = given;
  return value as T;
}

function zeroOf(type: AnyType): unknown {
  switch (type.kind) {
    case "bool":
      return false;
    case "int":
    case "uint":
    case "float":
      return 0;
    case "string":
      return "";
    case "bytes":
      return new Uint8Array();
    case "slice":
      return [];
    case "array":
      return Array.from({ length: type.length }, () => zeroOf(type.elem));
    case "map":
      return {};
    case "struct":
      return Object.fromEntries(type.fields.map((field) => [field.name, zeroOf(field.type)]));
    case "opaque":
      return type.codec.zero();
    case "pointer":
    case "interface":
      return null;
  }
}

export const user = (part: Partial<model.User>) =>
  complete(model.User, {
    Locale: "en",
    Timezone: { automaticTimezone: "", manualTimezone: "", useAutomaticTimezone: "true" },
    ...part,
  });

export const team = (part: Partial<model.Team>) =>
  complete(model.Team, { Type: "O", AllowOpenInvite: true, ...part });

export const channel = (part: Partial<model.Channel>) => complete(model.Channel, { Type: "O", ...part });

export const channelMember = (part: Partial<model.ChannelMember>) =>
  complete(model.ChannelMember, { Roles: "channel_user", SchemeUser: true, ...part });

export const teamMember = (part: Partial<model.TeamMember>) =>
  complete(model.TeamMember, { Roles: "team_user", SchemeUser: true, ...part });

export const post = (part: Partial<model.Post>) => complete(model.Post, part);
/** A post that one person sees and nobody stores. */
export const ephemeralPost = (part: Partial<model.Post>, at: number): model.Post =>
  post({ CreateAt: at, ...part, Id: part.Id || newId(), UpdateAt: at, Type: "system_ephemeral" });

export const session = (part: Partial<model.Session>) => complete(model.Session, part);
export const group = (part: Partial<model.Group>) =>
  complete(model.Group, { Source: "custom", AllowReference: true, ...part });

/** User.SetDefaultNotifications of the server. */
export const defaultNotifyProps = (): Record<string, string> => ({
  email: "true",
  push: "mention",
  desktop: "mention",
  desktop_sound: "true",
  mention_keys: "",
  channel: "true",
  push_status: "online",
  comments: "never",
  first_name: "false",
  desktop_threads: "all",
  email_threads: "all",
  push_threads: "all",
  channel_mention_auto_follow_threads: "true",
});

/** GetDefaultChannelNotifyProps of the server. */
export const defaultChannelNotifyProps = (): Record<string, string> => ({
  desktop: "default",
  mark_unread: "all",
  push: "default",
  email: "default",
  ignore_channel_mentions: "default",
  channel_auto_follow_threads: "off",
});
