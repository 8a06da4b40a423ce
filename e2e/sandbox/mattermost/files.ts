/** Files of posts: stored like an upload on the server, and shown with their post. */

import type { FileInfo, Post } from "../../../server/runtime/mattermost/index.ts";
import * as model from "../../../server/runtime/mattermost/wire/model.gen.ts";
import { newId } from "./ids.ts";
import { withoutIntegrations } from "./interactions.ts";
import { toJson } from "./rest-json.ts";
import type { World } from "./world.ts";
import { complete } from "./zero.ts";

export function putFile(world: World, channelId: string, filename: string, data: Uint8Array): FileInfo {
  const extension = filename.split(".").slice(1).at(-1) ?? "";
  const image = /^(png|jpe?g|gif|webp)$/i.test(extension);
  const info = complete(model.FileInfo, {
    Id: newId(),
    ChannelId: channelId,
    CreateAt: world.now(),
    UpdateAt: world.now(),
    Name: filename,
    Extension: extension,
    Size: data.length,
    MimeType: image ? `image/${extension.toLowerCase()}` : "application/octet-stream",
  });
  world.files.set(info.Id, { info, data });
  return info;
}

/** A post as REST and the web socket send it to the web app. */
export function postToJson(world: World, post: Post): Record<string, unknown> {
  const files = (post.FileIds ?? []).flatMap((id) => world.files.get(id)?.info ?? []);
  const reactions = (world.reactions.get(post.Id) ?? []).map(({ EmojiName, UserId }) => ({
    user_id: UserId,
    emoji_name: EmojiName,
  }));
  return {
    ...toJson(post),
    props: withoutIntegrations(post.Props ?? {}),
    metadata: { files: files.map(toJson), reactions },
  };
}
