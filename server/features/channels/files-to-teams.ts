/** Files of a post → the folder of the Teams channel, each once (docs/facts/microsoft-chat.md 6.5). */

import { z } from "zod";
import { GraphError, passing } from "../../microsoft/graph/index.ts";
import type { SentFile } from "../../microsoft/teams-messages/index.ts";
import { foundOrNull } from "../../people/found-or-null.ts";
import { lazy } from "../../runtime/lazy.ts";
import type { Post } from "../../runtime/mattermost/index.ts";
import { isUnconnected } from "./failures.ts";
import type { ChannelLink } from "./link-store.ts";
import { ofPost, type TeamsFile } from "./pair-store.ts";
import type { Sender } from "./people.ts";
import type { Room } from "./room.ts";
import { channelPath } from "./teams-api.ts";

const folder = lazy(() =>
  z.object({ id: z.string().min(1), parentReference: z.object({ driveId: z.string().min(1) }) }),
);
const item = lazy(() =>
  z.object({
    name: z.string(),
    eTag: z.string(),
    webUrl: z.string().nullish(),
    webDavUrl: z.string().nullish(),
  }),
);
/** In one piece Graph takes 250 MB; Mattermost's own limit is lower as a rule. */
const LARGEST = 250 * 1024 * 1024;
const UPLOAD_MS = 10 * 60_000;

export interface SentFiles {
  readonly files: readonly SentFile[];
  /** Those that are not in Teams, by name. */
  readonly names: readonly string[];
}

/** Throws what may pass later; what is refused for good is named in the message. */
export async function sendFiles(
  room: Room,
  link: ChannelLink,
  post: Post,
  sender: Sender,
  signal: AbortSignal,
): Promise<SentFiles> {
  const ids = post.FileIds ?? [];
  if (ids.length === 0) return { files: [], names: [] };
  const known = (await room.pairs.find(ofPost(post.Id)))?.pair.files ?? {};
  const files: SentFile[] = [];
  for (const id of ids) {
    const before = known[id];
    if (before) files.push(before);
    else files.push(await sendFile(room, link, post, id, sender, signal));
  }
  return { files, names: files.flatMap((file) => ("failed" in file ? [file.name] : [])) };
}

async function sendFile(
  room: Room,
  link: ChannelLink,
  post: Post,
  fileId: string,
  sender: Sender,
  signal: AbortSignal,
): Promise<SentFile> {
  const { api } = room.ports;
  const info = await foundOrNull(api.getFileInfo(fileId));
  if (!info) return { name: fileId, failed: true };
  const failed: SentFile = { name: info.Name, failed: true };
  if (info.Size > LARGEST) return failed;
  try {
    const bytes = await foundOrNull(api.getFile(fileId));
    // Graph takes no empty file.
    if (!bytes || bytes.length === 0) return failed;
    const sent = await upload(room, link, info.Name, new Uint8Array(bytes), sender, signal);
    await room.pairs.change(
      ofPost(post.Id),
      (pair) => pair && { ...pair, files: { ...pair.files, [fileId]: sent } },
    );
    room.copied(link, "to_teams", "file");
    return sent;
  } catch (error) {
    if (passing(error) || isUnconnected(error) || !(error instanceof GraphError)) throw error;
    return failed;
  }
}

async function upload(
  room: Room,
  link: ChannelLink,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  { credential }: Sender,
  signal: AbortSignal,
): Promise<TeamsFile> {
  const { graph } = room.ports;
  const { id, parentReference } = await graph.request({
    path: `${channelPath(link)}/filesFolder`,
    answer: folder(),
    credential,
    signal,
  });
  const path = `/drives/${encodeURIComponent(parentReference.driveId)}/items/${encodeURIComponent(id)}:/${encodeURIComponent(safeName(name))}:/content`;
  const made = await graph.request({
    method: "PUT",
    path: `${path}?@microsoft.graph.conflictBehavior=rename`,
    content: { type: "application/octet-stream", bytes },
    answer: item(),
    credential,
    signal,
    limitMs: UPLOAD_MS,
  });
  const guid = /\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?/i.exec(made.eTag)?.[1] ?? "";
  return { name: made.name, graphGuid: guid, contentUrl: addressOf(made) };
}

/** Graph compares the endings of address and name; the web address of an Office file has another one. */
function addressOf({ name, webUrl, webDavUrl }: z.output<ReturnType<typeof item>>): string {
  const ending = /\.[^./\\]+$/.exec(name)?.[0]?.toLowerCase() ?? "";
  const fits = (address: string | null | undefined) => address?.split("?")[0]?.toLowerCase().endsWith(ending);
  return (fits(webUrl) ? webUrl : webDavUrl) ?? webUrl ?? "";
}

/** What SharePoint refuses in a name, and what would turn or hide its ending. */
export function safeName(name: string): string {
  const plain = name
    .replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "")
    .replaceAll(/["*:<>?/\\|#%~]/g, "_")
    .replace(/^[\s.]+|[\s.]+$/g, "");
  const [, stem = "", ending = ""] = /^(.*?)(\.[^.]{1,16})?$/s.exec(plain) ?? [];
  return `${[...stem].slice(0, 120).join("") || "file"}${ending}`;
}
