/**
 * Copies files of a message: each is read once with a member's token and given to each recipient.
 *
 *   Graph ─▶ stream ─▶ upload into the first recipient's channel ─▶ copies of the entry for the others
 *
 * A copy is another entry of the same stored file, so ten recipients need one download and one upload.
 */

import { z } from "zod";
import { safeName } from "../../../microsoft/graph/file-name.ts";
import { extensionOf, FileStream, newUploadId, pictureName } from "../../../microsoft/graph/file-stream.ts";
import type { Credential, Download } from "../../../microsoft/graph/index.ts";
import { pixelsOf } from "../../../microsoft/graph/picture-size.ts";
import { type FileReference, hostedContentPath } from "../../../microsoft/teams-messages/index.ts";
import { chatsSettings } from "../../../platform/settings/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { failureOf, mayPass, refusesReader } from "../graph-refusals.ts";
import type { ChatsPorts } from "../ports.ts";
import type { ChatWord } from "../words.ts";

/** What happened to a file that is not in the post. */
export interface FileNote {
  readonly word: Extract<ChatWord, `file_${string}` | `files_more${string}`>;
  readonly name: string;
  /** Its address, which a stranger chose. */
  readonly url?: string;
  readonly limitMb?: number;
  readonly count?: number;
}

export interface FetchedFiles {
  /** The file ids of each recipient, in the order of the message. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
  readonly notes: readonly FileNote[];
}

export interface FilesWanted {
  readonly files: readonly FileReference[];
  /** Account → direct channel. */
  readonly channels: ReadonlyMap<string, string>;
  /** Accounts whose tokens may be tried. */
  readonly readers: readonly string[];
  readonly signal: AbortSignal;
  /** False: temporary failures are not waited for any longer. */
  readonly isPatient: boolean;
}

export interface FileLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
}

/** Maximum number of files in a Mattermost post. */
const MAX_FILES = 10;
/** Up to this size a file is sent in one call; a larger one is streamed through an upload session. */
const WHOLE_BYTES = 1024 * 1024;
/** A picture in a message whose size Graph does not state is buffered until its end is seen. */
const UNSIZED_BYTES = 8 * 1024 * 1024;
const LIMITS_MS = 60_000;

const item = lazy(() => z.object({ name: z.string().nullish(), size: z.number().nullish() }));

class Skipped extends Error {
  readonly note: Omit<FileNote, "name">;
  constructor(note: Omit<FileNote, "name">) {
    super(note.word);
    this.note = note;
  }
}

export class Files {
  readonly #ports: Pick<ChatsPorts, "api" | "bot" | "clock" | "config" | "connections" | "graph">;
  /** False once the server has refused it. */
  #canCopy = true;
  #limits: { readonly at: number; readonly limits: Promise<FileLimits> } | null = null;

  constructor(ports: Pick<ChatsPorts, "api" | "bot" | "clock" | "config" | "connections" | "graph">) {
    this.#ports = ports;
  }

  /** Throws for temporary failures; everything else becomes a note. */
  async collect(wanted: FilesWanted): Promise<FetchedFiles> {
    const ids = new Map<string, string[]>([...wanted.channels.keys()].map((userId) => [userId, []]));
    const notes: FileNote[] = [];
    for (const file of wanted.files.slice(0, MAX_FILES)) {
      const name = file.from === "reference" ? safeName(file.name, "file") : "";
      try {
        const made = await this.#one(file, name, wanted);
        const left = new Map([...wanted.channels].filter(([userId]) => !made.has(userId)));
        const more = left.size > 0 ? await this.#one(file, name, { ...wanted, channels: left }) : [];
        for (const [userId, id] of [...made, ...more]) ids.get(userId)?.push(id);
      } catch (error) {
        if (!(error instanceof Skipped)) throw error;
        notes.push({ ...error.note, name, ...(file.from === "reference" ? { url: file.url } : {}) });
      }
    }
    const more = wanted.files.length - MAX_FILES;
    if (more > 0) notes.push({ word: more === 1 ? "files_more_one" : "files_more", name: "", count: more });
    return { ids, notes };
  }

  /** The limits of the setting and of the server. */
  limits(): Promise<FileLimits> {
    const { api, clock, config } = this.#ports;
    if (!this.#limits || clock.now() - this.#limits.at > LIMITS_MS) {
      const limits = api.getConfig().then((server) => {
        const own = (config.current.section(chatsSettings).chats_max_file_size_mb ?? 20) * 1024 * 1024;
        const { MaxFileSize, MaxImageResolution } = server?.FileSettings ?? {};
        return {
          maxBytes: Math.min(own, MaxFileSize || own),
          maxPixels: MaxImageResolution || Number.POSITIVE_INFINITY,
        };
      });
      limits.catch(() => {
        this.#limits = null;
      });
      this.#limits = { at: clock.now(), limits };
    }
    return this.#limits.limits;
  }

  async #one(
    file: FileReference,
    name: string,
    { channels, isPatient, readers, signal }: FilesWanted,
  ): Promise<Map<string, string>> {
    // A recipient may not be allowed to see a picture of another chat.
    if (file.from === "hostedContent" && file.foreign) throw new Skipped({ word: "file_denied" });
    const limits = await this.limits();
    const tooLarge = () =>
      new Skipped({ word: "file_too_large", limitMb: Math.floor(limits.maxBytes / 1024 / 1024) });
    if (limits.maxBytes === 0) throw tooLarge();
    let denied: Skipped = new Skipped({ word: "file_denied" });
    for (const userId of readers) {
      const credential = this.#ports.connections.credential(userId);
      try {
        const opened = await this.#open(file, name, credential, signal);
        if (opened.size !== null && opened.size > limits.maxBytes) {
          await opened.download.body.cancel().catch(() => {});
          throw tooLarge();
        }
        return await this.#spread(opened, channels, limits, tooLarge);
      } catch (error) {
        if (error instanceof Skipped) throw error;
        if (refusesReader(error)) {
          if (failureOf(error).status === 404) denied = new Skipped({ word: "file_gone" });
          continue;
        }
        if ((mayPass(error) && isPatient) || signal.aborted) throw error;
        throw new Skipped({ word: "file_failed" });
      }
    }
    throw denied;
  }

  async #open(
    file: FileReference,
    name: string,
    credential: Credential,
    signal: AbortSignal,
  ): Promise<{ download: Download; name: string; size: number | null }> {
    const { graph } = this.#ports;
    if (file.from === "hostedContent") {
      const download = await graph.download({ path: hostedContentPath(file), credential, signal });
      return { download, name: "", size: download.length };
    }
    const share = `u!${Buffer.from(file.url).toString("base64url")}`;
    const about = await graph.request({
      path: `/shares/${share}/driveItem?$select=id,name,size,file`,
      answer: item(),
      credential,
      signal,
    });
    const limits = await this.limits();
    if ((about.size ?? 0) > limits.maxBytes)
      throw new Skipped({ word: "file_too_large", limitMb: Math.floor(limits.maxBytes / 1024 / 1024) });
    const download = await graph.download({ path: `/shares/${share}/driveItem/content`, credential, signal });
    return {
      download,
      name: safeName(about.name || name, name || "file"),
      size: download.length ?? about.size ?? null,
    };
  }

  async #spread(
    { download, name, size }: { download: Download; name: string; size: number | null },
    channels: ReadonlyMap<string, string>,
    limits: FileLimits,
    tooLarge: () => Error,
  ): Promise<Map<string, string>> {
    const { api, bot } = this.#ports;
    const [first, ...others] = channels;
    if (!first) return new Map();
    const source = await FileStream.of(download.body);
    const pixels = pixelsOf(source.head);
    if (pixels !== null && pixels > limits.maxPixels) {
      await source.cancel();
      throw new Skipped({ word: "file_too_many_pixels" });
    }
    const fileName =
      name || `${pictureName(this.#ports.clock.now())}.${extensionOf(source.head, download.contentType)}`;
    const direct = this.#canCopy ? [first] : [first, ...others];
    const made =
      size === null || size <= WHOLE_BYTES
        ? await this.#whole(
            source,
            direct,
            fileName,
            size === null ? Math.min(limits.maxBytes, UNSIZED_BYTES) : limits.maxBytes,
          )
        : await this.#streamed(source, direct, fileName, size);
    if (!made) throw tooLarge();
    const [original = ""] = made.values();
    for (const [to] of this.#canCopy ? others : []) {
      const [copy] = await api.copyFileInfos(await bot.userId(), [original]).catch(() => {
        // This server cannot copy: from now on the bytes are uploaded for each recipient, still from one download.
        this.#canCopy = false;
        return [];
      });
      if (!copy) break;
      made.set(to, copy);
    }
    return made;
  }

  async #whole(
    source: FileStream,
    channels: readonly (readonly [string, string])[],
    fileName: string,
    mostBytes: number,
  ): Promise<Map<string, string> | null> {
    const bytes = await source.whole(mostBytes);
    if (!bytes) return null;
    const made = new Map<string, string>();
    for (const [userId, channelId] of channels) {
      const info = await this.#ports.api.uploadFile(bytes, channelId, fileName);
      if (!info) throw new Skipped({ word: "file_failed" });
      made.set(userId, info.Id);
    }
    return made;
  }

  /** Uses one download for all: the slowest upload sets the pace, so that only a few chunks are held. */
  async #streamed(
    source: FileStream,
    channels: readonly (readonly [string, string])[],
    fileName: string,
    size: number,
  ): Promise<Map<string, string>> {
    const { api, bot } = this.#ports;
    const owner = await bot.userId();
    const branches = channels.map(() => new TransformStream<Uint8Array, Uint8Array>());
    const writers = branches.map(({ writable }) => writable.getWriter());
    const uploads = channels.map(async ([userId, channelId], at) => {
      const session = await api.createUploadSession({
        ...{ Id: newUploadId(), Type: "attachment", UserId: owner, ChannelId: channelId },
        ...{ Filename: fileName, FileSize: size },
      });
      const info = await api.uploadData(session, (branches[at] as (typeof branches)[number]).readable);
      if (!info) throw new Skipped({ word: "file_failed" });
      return [userId, info.Id] as const;
    });
    const feeding = (async () => {
      try {
        for await (const part of source.exactly(size))
          await Promise.all(writers.map((writer) => writer.write(part)));
        await Promise.all(writers.map((writer) => writer.close()));
      } catch (error) {
        await source.cancel();
        await Promise.all(writers.map((writer) => writer.abort(error).catch(() => {})));
        throw error;
      }
    })();
    // An upload that fails stops reading, and its branch would block the others.
    const watched = uploads.map((upload, at) =>
      upload.catch((error: unknown) => {
        (branches[at] as (typeof branches)[number]).readable.cancel(error).catch(() => {});
        throw error;
      }),
    );
    const [fed, ...outcomes] = await Promise.allSettled([feeding, ...watched]);
    const failed = [fed, ...outcomes].find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
    return new Map(outcomes.flatMap((one) => (one.status === "fulfilled" && one.value ? [one.value] : [])));
  }
}
