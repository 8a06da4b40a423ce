/** Files of a Teams message → files of the post. What cannot be copied is named in a line. */

import { z } from "zod";
import { GraphError, passing } from "../../microsoft/graph/index.ts";
import type { FileReference } from "../../microsoft/teams-messages/index.ts";
import { lazy } from "../../runtime/lazy.ts";
import { bounded } from "./convert.ts";
import { plain } from "./failures.ts";
import { safeName } from "./files-to-teams.ts";
import type { ChannelLink } from "./link-store.ts";
import { digest, type Pair, type TeamsFile } from "./pair-store.ts";
import type { Room } from "./room.ts";
import type { ReceivedMessage } from "./teams-api.ts";

const item = lazy(() => z.object({ name: z.string().nullish(), size: z.number().nullish() }));
/** Mattermost's web app takes no more for one post. */
const MOST = 10;
const DEFAULT_MAX_BYTES = 100 * 1024 * 1024;

export interface FetchedFiles {
  readonly fileIds: readonly string[];
  /** Names what is missing; "" where nothing is. */
  readonly note: string;
  /** Digest of where it is in Teams → file id, "" where it could not be copied. */
  readonly received: Readonly<Record<string, string>>;
}

/** `before`: what an earlier state of the message brought. Throws what may pass later. */
export async function fetchFiles(
  room: Room,
  link: ChannelLink,
  files: readonly FileReference[],
  before: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<FetchedFiles> {
  if (files.length === 0) return { fileIds: [], note: "", received: {} };
  const { hostedContentPath } = await import("../../microsoft/teams-messages/index.ts");
  const received: Record<string, string> = {};
  const missing: string[] = [];
  const say = await room.say();
  for (const file of files.slice(0, MOST)) {
    const where = file.from === "reference" ? file.url : hostedContentPath(file);
    const key = digest(where);
    const known = before[key];
    received[key] = known ?? (await fetchFile(room, link, file, where, signal)) ?? "";
    if (received[key] === "") missing.push(file.from === "reference" ? plain(file.name) : say("unnamed"));
    else if (known === undefined) room.copied(link, "to_mattermost", "file");
  }
  if (files.length > MOST) missing.push(say("more_files", { count: files.length - MOST }));
  const note = missing.length === 0 ? "" : `_${say("files_missing", { names: missing.join(", ") })}_`;
  return { fileIds: Object.values(received).filter((id) => id !== ""), note, received };
}

/** What we have uploaded ourselves: the post has it already. */
export function isUploaded(
  { files, received }: Pick<Pair, "files" | "received">,
  file: FileReference,
): boolean {
  if (file.from !== "reference") return false;
  const fromTeams = new Set(Object.values(received));
  return Object.entries(files).some(
    ([id, { contentUrl }]) => !fromTeams.has(id) && addressKey(contentUrl) === addressKey(file.url),
  );
}

/** Graph writes an address back in its own way. */
function addressKey(address: string): string {
  try {
    return decodeURI(address).toLowerCase();
  } catch {
    return address.toLowerCase();
  }
}

/** Where files of the post are in Teams: an edit here keeps them attached there, and uploads none again. */
export function inTeams(
  { attachments }: Pick<ReceivedMessage, "attachments">,
  received: FetchedFiles["received"],
): Pair["files"] {
  const found: Record<string, TeamsFile> = {};
  for (const one of attachments ?? []) {
    if (one?.contentType !== "reference" || !one.id || !one.contentUrl) continue;
    const fileId = received[digest(one.contentUrl)];
    if (fileId) found[fileId] = { name: one.name ?? "", graphGuid: one.id, contentUrl: one.contentUrl };
  }
  return found;
}

/** null: it cannot be had, is empty, or is larger than this server takes. */
async function fetchFile(
  room: Room,
  link: ChannelLink,
  file: FileReference,
  where: string,
  signal: AbortSignal,
): Promise<string | null> {
  const { api, graph } = room.ports;
  // A picture of another chat or channel may be one that the readers here may not see.
  if (file.from === "hostedContent" && file.foreign) return null;
  const most = (await api.getConfig())?.FileSettings?.MaxFileSize ?? DEFAULT_MAX_BYTES;
  try {
    const shared = `/shares/u!${Buffer.from(where).toString("base64url")}/driveItem`;
    let name = file.from === "reference" ? file.name : "";
    if (file.from === "reference") {
      const facts = await graph.request({ path: shared, answer: item(), signal });
      if ((facts.size ?? 0) > most) return null;
      name = facts.name ?? name;
    }
    const download = await graph.download({
      path: file.from === "reference" ? `${shared}/content` : where,
      signal,
    });
    if (download.length !== null && download.length > most) {
      await download.body.cancel();
      return null;
    }
    const bytes = await bounded(download.body, most);
    if (!bytes || bytes.length === 0) return null;
    const info = await api.uploadFile(
      bytes,
      link.channelId,
      name === "" ? pictureName(bytes) : safeName(name),
    );
    return info?.Id ?? null;
  } catch (error) {
    if (passing(error)) throw error;
    if (error instanceof GraphError) return null;
    throw error;
  }
}

/** By its first bytes: Graph does not always say what a picture is (docs/facts/microsoft-chat.md 5.5). */
function pictureName(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\x89PNG")) return "image.png";
  if (head.startsWith("\xff\xd8\xff")) return "image.jpg";
  if (head.startsWith("GIF8")) return "image.gif";
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "image.webp";
  if (head.slice(4, 8) === "ftyp") return "video.mp4";
  return "file.bin";
}
