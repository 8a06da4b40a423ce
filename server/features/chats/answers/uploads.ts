/**
 * Uploads files of an answer to the author's OneDrive, and lets the chat's members read them
 * (docs/facts/microsoft-chat.md 6.5).
 */

import { driveName } from "../../../microsoft/graph/file-name.ts";
import type { Credential, DriveItem } from "../../../microsoft/graph/index.ts";
import { type SentFile, sentFile } from "../../../microsoft/teams-messages/index.ts";
import { chatsSettings } from "../../../platform/settings/sections/chats.ts";
import type { OpenFile } from "../../../runtime/mattermost/index.ts";
import { mayPass } from "../graph-refusals.ts";
import type { ChatsPorts } from "../ports.ts";

/** The folder in which Teams stores the files of chats. */
const FOLDER = "Microsoft Teams Chat Files";

export type UploadPorts = Pick<ChatsPorts, "api" | "config" | "graph" | "openFile">;

export interface ChatFile {
  readonly sent: SentFile;
  /** Null when it was not uploaded. */
  readonly item: { readonly driveId: string; readonly id: string } | null;
}

/** Throws for temporary failures; a file that Microsoft refuses permanently is marked as failed. */
export async function uploadFile(
  ports: UploadPorts,
  fileId: string,
  as: { readonly credential: Credential; readonly signal: AbortSignal },
): Promise<ChatFile> {
  const info = await ports.api.getFileInfo(fileId).catch(() => null);
  const name = driveName(info?.Name ?? "");
  const failed: ChatFile = { sent: { name, failed: true }, item: null };
  const limitMb = ports.config.current.section(chatsSettings).chats_max_file_size_mb ?? 20;
  if (!info || info.Size > limitMb * 1024 * 1024) return failed;
  let file: OpenFile | null = null;
  try {
    file = await ports.openFile(fileId);
    const item = await ports.graph.upload({
      path: `/me/drive/root:/${encodeURIComponent(FOLDER)}/${encodeURIComponent(name)}:`,
      size: file.size,
      bytes: file.parts(),
      ...as,
    });
    return { sent: sentFile(item), item: placeOf(item) };
  } catch (error) {
    if (mayPass(error) || as.signal.aborted) throw error;
    return failed;
  } finally {
    file?.close();
  }
}

const placeOf = ({ id, parentReference }: DriveItem): ChatFile["item"] =>
  parentReference?.driveId ? { driveId: parentReference.driveId, id } : null;

/** Lets everybody in the chat read the file, without sending mail about it. */
export async function shareFile(
  { graph }: Pick<UploadPorts, "graph">,
  item: { readonly driveId: string; readonly id: string },
  objectIds: readonly string[],
  credential: Credential,
): Promise<void> {
  if (objectIds.length === 0) return;
  const id = encodeURIComponent;
  await graph.request({
    method: "POST",
    path: `/drives/${id(item.driveId)}/items/${id(item.id)}/invite`,
    body: {
      recipients: objectIds.map((objectId) => ({ objectId })),
      requireSignIn: true,
      sendInvitation: false,
      roles: ["read"],
    },
    credential,
  });
}
