/** Applies an edit in Teams to the post: its text and its files. */

import { foundOrNull } from "../../../people/found-or-null.ts";
import { type Found, postDigest } from "../pairs/pair-store.ts";
import type { OnLink } from "../room.ts";
import type { ReceivedMessage } from "../teams-api.ts";
import { convertParts } from "./convert.ts";
import { fetchFiles, inTeams, isUploaded, keepReceived } from "./files.ts";

/** Returns true when the text of the post has changed. */
export async function rewrite(one: OnLink, { key, pair }: Found, message: ReceivedMessage): Promise<boolean> {
  const { link, room } = one;
  const { api } = room.ports;
  const post = pair.postId === null ? null : await foundOrNull(api.getPost(pair.postId));
  if (!post || post.DeleteAt > 0) return false;
  // The line about the priority is for messages from Teams: a Mattermost post shows its priority itself.
  const shown = pair.from === "mattermost" ? { ...message, importance: "normal" } : message;
  const converted = await convertParts(room, link, pair, shown);
  if (converted === null || converted.dropped !== null) return false;
  const foreign = converted.files.filter((file) => !isUploaded(pair, file));
  const fetched = await fetchFiles(one, foreign, { before: pair.received, keep: keepReceived(room, key) });
  const own = pair.from === "mattermost" ? (post.FileIds ?? []) : [];
  const FileIds = [...own, ...fetched.fileIds];
  const text = pair.from === "teams" ? converted.frame(post, fetched.note) : converted.markdown;
  const next = { ...post, Message: text, FileIds };
  if (next.Message === post.Message && FileIds.join() === (post.FileIds ?? []).join()) return false;
  // Before the change, so that the hook it causes finds nothing new.
  await room.pairs.change(
    key,
    (now) =>
      now && {
        ...now,
        ...{ mattermost: postDigest(next), received: fetched.received },
        files: { ...now.files, ...inTeams(message, fetched.received) },
      },
  );
  await api.updatePost(next);
  return true;
}
