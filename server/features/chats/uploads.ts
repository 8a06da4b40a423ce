/** Files of an answer go to the author's OneDrive, and the chat's members may read them (docs/facts/microsoft-chat.md 6.5). */

import { z } from "zod";
import type { Credential } from "../../microsoft/graph/index.ts";
import type { SentFile } from "../../microsoft/teams-messages/index.ts";
import { lazy } from "../../runtime/lazy.ts";
import { mayPass } from "./graph-refusals.ts";
import type { ChatsPorts } from "./ports.ts";
import { safeName } from "./safe-name.ts";

/** Where Teams puts the files of chats. */
const FOLDER = "Microsoft Teams Chat Files";
/** Larger ones go through an upload session, which a newer Graph would not need. */
const SIMPLE_BYTES = 4 * 1024 * 1024;
/** A multiple of 320 KiB. */
const STEP_BYTES = 10 * 320 * 1024;
const UPLOAD_LIMIT_MS = 120_000;

const driveItem = lazy(() =>
  z.object({
    id: z.string(),
    name: z.string(),
    eTag: z.string(),
    webUrl: z.string(),
    webDavUrl: z.string().nullish(),
    parentReference: z.object({ driveId: z.string() }),
  }),
);
type DriveItem = z.output<ReturnType<typeof driveItem>>;
const session = lazy(() => z.object({ uploadUrl: z.string() }));

export interface UploadPorts extends Pick<ChatsPorts, "api" | "config" | "graph"> {
  /** For the pre-authenticated address of an upload session: it gets no token. */
  readonly putRange: (url: string, range: string, bytes: Uint8Array) => Promise<unknown>;
}

export interface ChatFile {
  readonly sent: SentFile;
  /** Null where it was not uploaded. */
  readonly item: { readonly driveId: string; readonly id: string } | null;
}

export async function uploadFile(
  ports: UploadPorts,
  fileId: string,
  credential: Credential,
  signal: AbortSignal,
): Promise<ChatFile> {
  const info = await ports.api.getFileInfo(fileId).catch(() => null);
  const name = safeName(info?.Name ?? "", "file").replace(/[#%]/g, "_");
  const limit = (ports.config.current.settings.chats_max_file_size_mb ?? 20) * 1024 * 1024;
  if (!info || info.Size > limit) return { sent: { name, failed: true }, item: null };
  try {
    const bytes = await ports.api.getFile(fileId);
    const item =
      bytes.length <= SIMPLE_BYTES
        ? await simple(ports, name, bytes, credential, signal)
        : await inRanges(ports, name, bytes, credential, signal);
    return { sent: sentFile(item), item: { driveId: item.parentReference.driveId, id: item.id } };
  } catch (error) {
    if (mayPass(error) || signal.aborted) throw error;
    return { sent: { name, failed: true }, item: null };
  }
}

/** Everybody in the chat may read the file, and nobody gets a mail about it. */
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

const pathOf = (name: string, action: string) =>
  `/me/drive/root:/${encodeURIComponent(FOLDER)}/${encodeURIComponent(name)}:/${action}`;

function simple(
  { graph }: UploadPorts,
  name: string,
  bytes: Uint8Array,
  credential: Credential,
  signal: AbortSignal,
): Promise<DriveItem> {
  return graph.request({
    method: "PUT",
    path: `${pathOf(name, "content")}?@microsoft.graph.conflictBehavior=rename`,
    content: { type: "application/octet-stream", bytes: new Uint8Array(bytes) },
    answer: driveItem(),
    credential,
    signal,
    limitMs: UPLOAD_LIMIT_MS,
  });
}

async function inRanges(
  { graph, putRange }: UploadPorts,
  name: string,
  bytes: Uint8Array,
  credential: Credential,
  signal: AbortSignal,
): Promise<DriveItem> {
  const { uploadUrl } = await graph.request({
    method: "POST",
    path: pathOf(name, "createUploadSession"),
    body: { item: { "@microsoft.graph.conflictBehavior": "rename" } },
    answer: session(),
    credential,
    signal,
  });
  let last: unknown = null;
  for (let start = 0; start < bytes.length; start += STEP_BYTES) {
    const end = Math.min(bytes.length, start + STEP_BYTES);
    last = await putRange(uploadUrl, `bytes ${start}-${end - 1}/${bytes.length}`, bytes.subarray(start, end));
  }
  return driveItem().parse(last);
}

/** The extensions of address and name must agree: the address of an Office file's editor has none. */
function sentFile({ eTag, name, webDavUrl, webUrl }: DriveItem): SentFile {
  const graphGuid = /\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?/i.exec(eTag)?.[1] ?? "";
  const ends = (address: string) => /\.(\w+)$/.exec(address.split(/[?#]/)[0] ?? "")?.[1]?.toLowerCase();
  const contentUrl = ends(webUrl) === ends(name) ? webUrl : (webDavUrl ?? webUrl);
  return graphGuid === "" ? { name, failed: true } : { name, graphGuid, contentUrl };
}
