/**
 * Copies a file of a Teams message to each of the given Mattermost channels, from one download.
 *
 *   Graph ─▶ stream ─▶ small: one call · large: an upload session, with two chunks in memory at a time
 */

import { type Api, AppError, type ByteSource, type FileInfo } from "../../runtime/mattermost/index.ts";
import type { FileReference } from "../teams-messages/index.ts";
import { extensionOf, FileStream, newUploadId, pictureName, WrongSize } from "./file-stream.ts";
import { type OpenedFile, type OpeningPorts, openSharedFile } from "./opened-file.ts";
import { pixelsOf } from "./picture-size.ts";
import { FileRefused, tooLarge } from "./refusal.ts";

export interface StoringPorts extends OpeningPorts {
  readonly api: Pick<Api, "createUploadSession" | "uploadData" | "uploadFile">;
  /** The account that the files belong to. */
  readonly ownerId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A download that delivers nothing for this long is ended. Default: a minute. */
  readonly idleMs?: number;
}

export interface FileLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
}

/** Up to this size a file is sent in one call; a larger one is streamed through an upload session. */
const WHOLE_BYTES = 1024 * 1024;
/** A file whose size Microsoft does not state is read into memory as a whole, up to this size. */
const UNSIZED_BYTES = 8 * 1024 * 1024;
/** The limit of the server when its setting is empty. */
const DEFAULT_MAX_BYTES = 100 * 1024 * 1024;

/** Returns the limits of the server. `ownBytes` is our own limit, which applies when it is lower. */
export async function fileLimits(
  api: Pick<Api, "getConfig">,
  ownBytes = Number.POSITIVE_INFINITY,
): Promise<FileLimits> {
  const { MaxFileSize, MaxImageResolution } = (await api.getConfig())?.FileSettings ?? {};
  return {
    maxBytes: Math.min(ownBytes, MaxFileSize || DEFAULT_MAX_BYTES),
    maxPixels: MaxImageResolution || Number.POSITIVE_INFINITY,
  };
}

/**
 * Returns the file ids, one for each channel. A file that changes while it is read is read once more. Throws
 * FileRefused for a permanent failure, and what Graph's client throws.
 */
export async function fetchFile(
  ports: StoringPorts,
  file: FileReference,
  to: { readonly channels: readonly string[]; readonly limits: FileLimits },
): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await store(ports, await openSharedFile(ports, file, to.limits.maxBytes), to);
    } catch (error) {
      if (!(error instanceof WrongSize)) throw error;
      if (attempt === 2) throw new FileRefused("failed");
    }
  }
}

async function store(
  ports: StoringPorts,
  { download, name, size }: OpenedFile,
  { channels, limits }: { readonly channels: readonly string[]; readonly limits: FileLimits },
): Promise<readonly string[]> {
  const source = await FileStream.of(download.body, ports.idleMs);
  const pixels = pixelsOf(source.head);
  if (source.head.length === 0 || (pixels !== null && pixels > limits.maxPixels)) {
    await source.cancel();
    throw new FileRefused(pixels === null ? "empty" : "too_many_pixels");
  }
  const picture = () => `${pictureName(ports.now)}.${extensionOf(source.head, download.contentType)}`;
  const storing = { ports, source, channels, name: name || picture() };
  if (size !== null && size > WHOLE_BYTES) return throughSessions(storing, size);
  const mostBytes = Math.min(limits.maxBytes, size ?? UNSIZED_BYTES);
  const bytes = await source.whole({ size, mostBytes });
  if (!bytes) throw size === null ? tooLarge(mostBytes) : new WrongSize();
  const ids: string[] = [];
  for (const channel of channels) ids.push(await taken(ports.api.uploadFile(bytes, channel, storing.name)));
  return ids;
}

interface Storing {
  readonly ports: StoringPorts;
  readonly source: FileStream;
  readonly channels: readonly string[];
  readonly name: string;
}

async function throughSessions(storing: Storing, size: number): Promise<readonly string[]> {
  const { channels, source } = storing;
  try {
    const [first = ""] = channels;
    if (channels.length > 1) return await sideBySide(storing, size);
    return [await throughSession(storing, first, size, source.exactly(size))];
  } catch (error) {
    // The server only knows that the bytes ended.
    throw source.failure ?? error;
  } finally {
    await source.cancel();
  }
}

/** The slowest upload sets the pace, so that no more than a few chunks are held. */
async function sideBySide(storing: Storing, size: number): Promise<readonly string[]> {
  const branches = storing.channels.map((channel) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    return { channel, readable, writer: writable.getWriter() };
  });
  const all = (one: (writer: WritableStreamDefaultWriter<Uint8Array>) => Promise<void>) =>
    Promise.all(branches.map(({ writer }) => one(writer)));
  const feeding = (async () => {
    try {
      for await (const part of storing.source.exactly(size))
        await all((writer) => writer.write(new Uint8Array(part)));
      await all((writer) => writer.close());
    } catch (error) {
      await all((writer) => writer.abort(error).catch(() => {}));
      throw error;
    }
  })();
  const uploads = branches.map(({ channel, readable }) =>
    throughSession(storing, channel, size, readable).catch((error: unknown) => {
      // An upload that fails stops reading, and its branch would block the others.
      readable.cancel(error).catch(() => {});
      throw error;
    }),
  );
  const [fed, ...outcomes] = await Promise.allSettled([feeding, ...uploads]);
  const failed = [...outcomes, fed].find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
  return outcomes.flatMap((one) => (one.status === "fulfilled" && one.value ? [one.value] : []));
}

async function throughSession(
  { name, ports: { api, ownerId } }: Storing,
  channel: string,
  size: number,
  bytes: ByteSource,
): Promise<string> {
  return taken(
    (async () => {
      const session = await api.createUploadSession({
        ...{ Id: newUploadId(), Type: "attachment", UserId: ownerId, ChannelId: channel },
        ...{ Filename: name, FileSize: size },
      });
      return api.uploadData(session, bytes);
    })(),
  );
}

/** A refusal by the server is permanent. */
async function taken(upload: Promise<FileInfo | null>): Promise<string> {
  const info = await upload.catch((error: unknown) => {
    throw error instanceof AppError ? new FileRefused("not_taken") : error;
  });
  if (!info) throw new FileRefused("not_taken");
  return info.Id;
}
