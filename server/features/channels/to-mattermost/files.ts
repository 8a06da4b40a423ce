/** Copies files of a Teams message to the post. Files that cannot be copied are named in a line. */

import { type Refusal, refusalOf } from "../../../microsoft/files/refusal.ts";
import { type FileLimits, fetchFile, fileLimits } from "../../../microsoft/files/to-mattermost.ts";
import { withReason } from "../../../microsoft/files/words.ts";
import { passing, StorageUnreachable } from "../../../microsoft/graph/index.ts";
import type { FileReference } from "../../../microsoft/teams-messages/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import { digest, type Pair, type PairKey, type TeamsFile } from "../pairs/pair-store.ts";
import type { OnLink, Room } from "../room.ts";
import type { ReceivedMessage } from "../teams-api.ts";
import { plain } from "../to-teams/failures.ts";
import { channelWords } from "../words.ts";

/** Mattermost's web app allows no more files in a post. */
const MOST = 10;

export interface FetchedFiles {
  readonly fileIds: readonly string[];
  /** Names the missing files; "" when there are none. */
  readonly note: string;
  /** Digest of the address in Teams → file id, "" if it could not be copied. */
  readonly received: Readonly<Record<string, string>>;
}

/** `before`: files that were copied earlier for this message. `keep` records files when a later one fails. */
export interface Received {
  readonly before: Readonly<Record<string, string>>;
  keep(received: FetchedFiles["received"]): Promise<unknown>;
}

/** Throws temporary failures, so that the message is retried. */
export async function fetchFiles(
  one: OnLink,
  files: readonly FileReference[],
  { before, keep }: Received,
): Promise<FetchedFiles> {
  if (files.length === 0) return { fileIds: [], note: "", received: {} };
  const { link, room } = one;
  const { hostedContentPath, webAddress } = await import("../../../microsoft/teams-messages/index.ts");
  const limits = await fileLimits(room.ports.api);
  const language = await room.language();
  const say = channelWords.in(language);
  const received: Record<string, string> = {};
  const missing: string[] = [];
  const failed = async (error: unknown): Promise<never> => {
    await keep(Object.fromEntries(Object.entries(received).filter(([, id]) => id !== "")));
    throw error;
  };
  for (const file of files.slice(0, MOST)) {
    const isShared = file.from === "reference";
    const key = digest(isShared ? file.url : hostedContentPath(file));
    const known = before[key];
    const got =
      known ?? (await fetchOne(one, { file, key, limits }).catch((error: unknown) => failed(error)));
    received[key] = typeof got === "string" ? got : "";
    if (received[key] === "") {
      const address = isShared ? webAddress(file.url) : null;
      const name = isShared ? plain(file.name) : say("unnamed");
      const shown = address ? `[${name}](${address})` : name;
      missing.push(typeof got === "string" ? shown : withReason(language, shown, got));
    } else if (known === undefined) room.copied(link, "to_mattermost", "file");
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

/** Maps the post's files to their places in Teams, so that an edit here keeps them attached and uploads none again. */
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

/** Returns the file id, or why there is none. Throws temporary failures. */
async function fetchOne(
  { link, room, signal }: OnLink,
  { file, key, limits }: { readonly file: FileReference; readonly key: string; readonly limits: FileLimits },
): Promise<string | Refusal> {
  const { api, bot, clock, graph } = room.ports;
  const ports = { api, graph, now: clock.now(), ownerId: await bot.userId(), signal };
  try {
    const [id = ""] = await fetchFile(ports, file, { channels: [link.channelId], limits });
    room.filePatience.settled(key);
    return id;
  } catch (error) {
    if (error instanceof StorageUnreachable && !signal.aborted && room.filePatience.isOver(key))
      return refusalOf(error);
    // A ProductError means that the app has no token, until an admin fixes that.
    if (passing(error) || error instanceof ProductError || signal.aborted) throw error;
    return refusalOf(error);
  }
}

/** Records copied files in the pair before its post exists. */
export const keepReceived =
  ({ pairs }: Pick<Room, "pairs">, key: PairKey): Received["keep"] =>
  (received) =>
    pairs.change(key, (now) => now && { ...now, received: { ...now.received, ...received } });
