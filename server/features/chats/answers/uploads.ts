/**
 * Uploads files of an answer to the author's OneDrive, and lets the chat's members read them
 * (docs/facts/microsoft-chat.md 6.5).
 */

import { type Refusal, refusalOf } from "../../../microsoft/files/refusal.ts";
import { sendFile } from "../../../microsoft/files/to-microsoft.ts";
import { withReason } from "../../../microsoft/files/words.ts";
import { type Credential, type DriveItem, StorageUnreachable } from "../../../microsoft/graph/index.ts";
import { type SentFile, sentFile } from "../../../microsoft/teams-messages/index.ts";
import type { Language } from "../../../platform/i18n/index.ts";
import { chatsSettings } from "../../../platform/settings/sections/chats.ts";
import { isUnusable, mayPass } from "../graph-refusals.ts";
import type { ChatsPorts } from "../ports.ts";

/** The folder in which Teams stores the files of chats. */
const FOLDER = `/me/drive/root:/${encodeURIComponent("Microsoft Teams Chat Files")}`;

export type UploadPorts = Pick<ChatsPorts, "api" | "config" | "graph" | "openFile">;

export interface ChatFile {
  readonly sent: SentFile;
  /** Null when it was not uploaded. */
  readonly item: { readonly driveId: string; readonly id: string } | null;
  /** Why it was not. Entries of an earlier version have none. */
  readonly refusal?: Refusal;
}

export interface UploadAs {
  readonly credential: Credential;
  readonly signal: AbortSignal;
  /** False: the text no longer waits for a file while Graph responds and the storage of files does not. */
  readonly isPatient: boolean;
}

/** Throws for temporary failures; a file that Microsoft refuses permanently is marked as failed. */
export async function uploadFile(
  { api, config, graph, openFile }: UploadPorts,
  fileId: string,
  { isPatient, ...as }: UploadAs,
): Promise<ChatFile> {
  const info = await api.getFileInfo(fileId).catch(() => null);
  const failed = (refusal: Refusal): ChatFile => ({
    sent: { name: info?.Name ?? fileId, failed: true },
    item: null,
    refusal,
  });
  if (!info) return failed({ reason: "gone", limitMb: 0 });
  const maxBytes = (config.current.section(chatsSettings).chats_max_file_size_mb ?? 20) * 1024 * 1024;
  try {
    const item = await sendFile({ graph, openFile, ...as }, info, { folder: () => FOLDER, maxBytes });
    return { sent: sentFile(item), item: placeOf(item) };
  } catch (error) {
    const isStorage = error instanceof StorageUnreachable && !isPatient;
    if ((mayPass(error) && !isStorage) || as.signal.aborted) throw error;
    if (isUnusable(error)) throw error;
    // The upload creates the folder, so "not found" means that the person never opened their OneDrive, or has none.
    return failed(refusalOf(error, "no_drive"));
  }
}

const placeOf = ({ id, parentReference }: DriveItem): ChatFile["item"] =>
  parentReference?.driveId ? { driveId: parentReference.driveId, id } : null;

/** For the author, who knows the name. */
export function nameAndReason({ refusal, sent }: ChatFile, language: Language | undefined): string {
  const name = `\`${sent.name.replaceAll("`", "")}\``;
  return refusal ? withReason(language, name, refusal) : name;
}

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
