/** Copies files of a Teams message to the post. Files that cannot be copied are named in a line. */

import { z } from "zod";
import { safeName } from "../../../microsoft/graph/file-name.ts";
import {
  extensionOf,
  FileStream,
  newUploadId,
  pictureName,
  WrongSize,
} from "../../../microsoft/graph/file-stream.ts";
import { type Download, GraphError, passing } from "../../../microsoft/graph/index.ts";
import { pixelsOf } from "../../../microsoft/graph/picture-size.ts";
import type { FileReference } from "../../../microsoft/teams-messages/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { digest, type Pair, type TeamsFile } from "../pairs/pair-store.ts";
import type { OnLink, Room } from "../room.ts";
import type { ReceivedMessage } from "../teams-api.ts";
import { plain } from "../to-teams/failures.ts";

const item = lazy(() => z.object({ name: z.string().nullish(), size: z.number().nullish() }));
/** Mattermost's web app allows no more files in a post. */
const MOST = 10;
const DEFAULT_MAX_BYTES = 100 * 1024 * 1024;
const WHOLE_BYTES = 1024 * 1024;
/** A picture in a message whose size Graph does not state is buffered until its end is seen. */
const UNSIZED_BYTES = 8 * 1024 * 1024;

export interface FetchedFiles {
  readonly fileIds: readonly string[];
  /** Names the missing files; "" when there are none. */
  readonly note: string;
  /** Digest of the address in Teams → file id, "" if it could not be copied. */
  readonly received: Readonly<Record<string, string>>;
}

/** `before`: the files of an earlier state of the message. Throws for temporary failures. */
export async function fetchFiles(
  one: OnLink,
  files: readonly FileReference[],
  before: Readonly<Record<string, string>>,
): Promise<FetchedFiles> {
  if (files.length === 0) return { fileIds: [], note: "", received: {} };
  const { room, link } = one;
  const { hostedContentPath } = await import("../../../microsoft/teams-messages/index.ts");
  const received: Record<string, string> = {};
  const missing: string[] = [];
  const say = await room.say();
  for (const file of files.slice(0, MOST)) {
    const where = file.from === "reference" ? file.url : hostedContentPath(file);
    const key = digest(where);
    const known = before[key];
    received[key] = known ?? (await fetchFile(one, file, where)) ?? "";
    if (received[key] === "") missing.push(file.from === "reference" ? plain(file.name) : say("unnamed"));
    else if (known === undefined) room.copied(link, "to_mattermost", "file");
  }
  if (files.length > MOST) missing.push(say("more_files", { count: files.length - MOST }));
  const note = missing.length === 0 ? "" : `_${say("files_missing", { names: missing.join(", ") })}_`;
  return { fileIds: Object.values(received).filter((id) => id !== ""), note, received };
}

/** Whether we uploaded the file ourselves: the post has it already. */
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

/** Graph returns an address in a different form than it was sent. */
function addressKey(address: string): string {
  try {
    return decodeURI(address).toLowerCase();
  } catch {
    return address.toLowerCase();
  }
}

/** Where the post's files are in Teams: an edit here keeps them attached there, and uploads none again. */
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

/** Returns null when it is unavailable, empty, or larger than this server accepts. */
async function fetchFile(one: OnLink, file: FileReference, where: string): Promise<string | null> {
  // The readers here may not be allowed to see a picture of another chat or channel.
  if (file.from === "hostedContent" && file.foreign) return null;
  const limits = await limitsOf(one.room);
  try {
    const opened = await open(one, file, where);
    const size = opened.download.length ?? opened.size;
    if (size === 0 || (size ?? 0) > limits.bytes) {
      await opened.download.body.cancel();
      return null;
    }
    return await keep(one, { ...opened, size }, limits);
  } catch (error) {
    if (passing(error)) throw error;
    if (error instanceof GraphError || error instanceof WrongSize) return null;
    throw error;
  }
}

interface Limits {
  readonly bytes: number;
  readonly pixels: number;
}

async function limitsOf({ ports }: Room): Promise<Limits> {
  const { MaxFileSize, MaxImageResolution } = (await ports.api.getConfig())?.FileSettings ?? {};
  return {
    bytes: MaxFileSize ?? DEFAULT_MAX_BYTES,
    pixels: MaxImageResolution || Number.POSITIVE_INFINITY,
  };
}

interface Opened {
  readonly download: Download;
  /** Empty for a picture without a name. */
  readonly name: string;
  readonly size: number | null;
}

async function open({ room, signal }: OnLink, file: FileReference, where: string): Promise<Opened> {
  const { graph } = room.ports;
  if (file.from === "hostedContent")
    return { download: await graph.download({ path: where, signal }), name: "", size: null };
  const shared = `/shares/u!${Buffer.from(where).toString("base64url")}/driveItem`;
  const facts = await graph.request({ path: shared, answer: item(), signal });
  const download = await graph.download({ path: `${shared}/content`, signal });
  return { download, name: facts.name ?? file.name, size: facts.size ?? null };
}

/** Small ones are sent in one call; larger ones are streamed, holding a few chunks at a time. */
async function keep({ room, link }: OnLink, { download, name, size }: Opened, limits: Limits) {
  const { api, bot, clock } = room.ports;
  const source = await FileStream.of(download.body);
  const pixels = pixelsOf(source.head);
  if (source.head.length === 0 || (pixels !== null && pixels > limits.pixels)) {
    await source.cancel();
    return null;
  }
  const shown =
    name === ""
      ? `${pictureName(clock.now())}.${extensionOf(source.head, download.contentType)}`
      : safeName(name, "file");
  if (size === null || size <= WHOLE_BYTES) {
    const bytes = await source.whole(size === null ? Math.min(limits.bytes, UNSIZED_BYTES) : size);
    return bytes && ((await api.uploadFile(bytes, link.channelId, shown))?.Id ?? null);
  }
  const session = await api.createUploadSession({
    ...{ Id: newUploadId(), Type: "attachment", UserId: await bot.userId(), ChannelId: link.channelId },
    ...{ Filename: shown, FileSize: size },
  });
  const made = await api.uploadData(session, source.stream(size));
  return made?.Id ?? null;
}
