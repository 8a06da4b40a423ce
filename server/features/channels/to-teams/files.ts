/** Uploads files of a post to the folder of the Teams channel, each once (docs/facts/microsoft-chat.md 6.5). */

import { z } from "zod";
import { FileRefused, type MissingFile, type Refusal, refusalOf } from "../../../microsoft/files/refusal.ts";
import { sendFile } from "../../../microsoft/files/to-microsoft.ts";
import { GraphError, passing, StorageUnreachable } from "../../../microsoft/graph/index.ts";
import { type SentFile, sentFile } from "../../../microsoft/teams-messages/index.ts";
import { foundOrNull } from "../../../people/found-or-null.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { FileInfo } from "../../../runtime/mattermost/index.ts";
import { NotYet } from "../pace.ts";
import { ofPost, type TeamsFile } from "../pairs/pair-store.ts";
import { channelPath, isGone } from "../teams-api.ts";
import { isUnconnected } from "./failures.ts";
import type { Sending } from "./sending.ts";

const folder = lazy(() =>
  z.object({ id: z.string().min(1), parentReference: z.object({ driveId: z.string().min(1) }) }),
);
/** Mattermost's own limit is usually lower. */
const LARGEST = 250 * 1024 * 1024;
/** Teams creates the folder of a new channel when somebody opens it, or some time later. */
const FOLDER_MS = 10 * 60_000;
const FOLDER_AGAIN_MS = 15_000;

export interface SentFiles {
  readonly files: readonly SentFile[];
  /** Those that are not in Teams. */
  readonly missing: readonly MissingFile[];
}

/** Throws for temporary failures; files refused permanently are named in the message. */
export async function sendFiles(sending: Sending): Promise<SentFiles> {
  const { room, post } = sending;
  const ids = post.FileIds ?? [];
  if (ids.length === 0) return { files: [], missing: [] };
  const known = (await room.pairs.find(ofPost(post.Id)))?.pair.files ?? {};
  const files: SentFile[] = [];
  const missing: MissingFile[] = [];
  for (const id of ids) {
    const info = known[id] ? null : await foundOrNull(room.ports.api.getFileInfo(id));
    const sent = known[id] ?? (await sendOne(sending, id, info));
    const name = info?.Name ?? id;
    if (!("reason" in sent)) files.push(sent);
    else {
      files.push({ name, failed: true });
      missing.push({ name, refusal: sent });
    }
  }
  return { files, missing };
}

/** A file that is sent is noted at once: it is not sent again, whatever happens to the message. */
async function sendOne(sending: Sending, id: string, info: FileInfo | null): Promise<TeamsFile | Refusal> {
  const { link, post, room, sender, signal } = sending;
  const { graph, openFile } = room.ports;
  try {
    if (!info) throw new FileRefused("gone");
    const ports = { graph, openFile, credential: sender.credential, signal };
    const place = { folder: () => folderOf(sending), maxBytes: LARGEST };
    const sent = sentFile(await sendFile(ports, info, place));
    if ("failed" in sent) throw new FileRefused("failed");
    const found = await room.pairs.find(ofPost(post.Id));
    await room.pairs.change(
      found?.key ?? ofPost(post.Id),
      (pair) => pair && { ...pair, files: { ...pair.files, [id]: sent } },
    );
    room.copied(link, "to_teams", "file");
    room.filePatience.settled(id);
    return sent;
  } catch (error) {
    if (error instanceof StorageUnreachable && !signal.aborted && room.filePatience.isOver(id))
      return refusalOf(error);
    if (passing(error) || isUnconnected(error)) throw error;
    if (!(error instanceof GraphError || error instanceof FileRefused)) throw error;
    return refusalOf(error, "failed");
  }
}

/** A private channel has a site of its own; Graph returns its folder. */
async function folderOf({ link, post, room, sender, signal }: Sending): Promise<string> {
  const { clock, graph } = room.ports;
  try {
    const path = `${channelPath(link)}/filesFolder`;
    const found = await graph.request({ path, answer: folder(), credential: sender.credential, signal });
    const part = encodeURIComponent;
    return `/drives/${part(found.parentReference.driveId)}/items/${part(found.id)}:`;
  } catch (error) {
    if (isGone(error) && clock.now() - post.CreateAt < FOLDER_MS) throw new NotYet(FOLDER_AGAIN_MS);
    throw error;
  }
}
