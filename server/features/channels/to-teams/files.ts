/** Uploads files of a post to the folder of the Teams channel, each once (docs/facts/microsoft-chat.md 6.5). */

import { z } from "zod";
import { driveName } from "../../../microsoft/graph/file-name.ts";
import { GraphError, passing } from "../../../microsoft/graph/index.ts";
import { type SentFile, sentFile } from "../../../microsoft/teams-messages/index.ts";
import { foundOrNull } from "../../../people/found-or-null.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { NotYet } from "../pace.ts";
import { ofPost } from "../pairs/pair-store.ts";
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
  /** Names of files that are not in Teams. */
  readonly names: readonly string[];
}

/** Throws for temporary failures; files refused permanently are named in the message. */
export async function sendFiles(sending: Sending): Promise<SentFiles> {
  const { room, post } = sending;
  const ids = post.FileIds ?? [];
  if (ids.length === 0) return { files: [], names: [] };
  const known = (await room.pairs.find(ofPost(post.Id)))?.pair.files ?? {};
  const files: SentFile[] = [];
  for (const id of ids) files.push(known[id] ?? (await sendFile(sending, id)));
  return { files, names: files.flatMap((file) => ("failed" in file ? [file.name] : [])) };
}

async function sendFile(sending: Sending, fileId: string): Promise<SentFile> {
  const { link, post, room } = sending;
  const { api } = room.ports;
  const info = await foundOrNull(api.getFileInfo(fileId));
  if (!info) return { name: fileId, failed: true };
  const failed: SentFile = { name: info.Name, failed: true };
  // Graph accepts no empty file.
  if (info.Size > LARGEST || info.Size === 0) return failed;
  try {
    const bytes = await foundOrNull(api.getFile(fileId));
    if (!bytes || bytes.length === 0) return failed;
    const sent = await upload(sending, info.Name, bytes);
    if ("failed" in sent) return failed;
    const found = await room.pairs.find(ofPost(post.Id));
    await room.pairs.change(
      found?.key ?? ofPost(post.Id),
      (pair) => pair && { ...pair, files: { ...pair.files, [fileId]: sent } },
    );
    room.copied(link, "to_teams", "file");
    return sent;
  } catch (error) {
    if (passing(error) || isUnconnected(error) || !(error instanceof GraphError)) throw error;
    return failed;
  }
}

async function upload(sending: Sending, name: string, bytes: Uint8Array): Promise<SentFile> {
  const { room, sender, signal } = sending;
  const { id, driveId } = await folderOf(sending);
  const part = encodeURIComponent;
  const made = await room.ports.graph.upload({
    path: `/drives/${part(driveId)}/items/${part(id)}:/${part(driveName(name))}:`,
    size: bytes.length,
    bytes: [bytes],
    credential: sender.credential,
    signal,
  });
  return sentFile(made);
}

/** A private channel has a site of its own; Graph returns its folder. */
async function folderOf({ link, post, room, sender, signal }: Sending) {
  const { clock, graph } = room.ports;
  try {
    const path = `${channelPath(link)}/filesFolder`;
    const found = await graph.request({ path, answer: folder(), credential: sender.credential, signal });
    return { id: found.id, driveId: found.parentReference.driveId };
  } catch (error) {
    if (isGone(error) && clock.now() - post.CreateAt < FOLDER_MS) throw new NotYet(FOLDER_AGAIN_MS);
    throw error;
  }
}
