/**
 * Copies files of a message: each is read once with a member's token and given to each recipient.
 *
 *   Graph ─▶ stream ─▶ upload into the first recipient's channel ─▶ copies of the entry for the others
 *
 * A copy is another entry of the same stored file, so ten recipients need one download and one upload.
 */

import { safeName } from "../../../microsoft/files/file-name.ts";
import { type FileReason, FileRefused, refusalOf } from "../../../microsoft/files/refusal.ts";
import { type FileLimits, fetchFile, fileLimits } from "../../../microsoft/files/to-mattermost.ts";
import type { FileReference } from "../../../microsoft/teams-messages/index.ts";
import { chatsSettings } from "../../../platform/settings/index.ts";
import { steady } from "../../../platform/work/steady.ts";
import { mayPass, refusesReader } from "../graph-refusals.ts";
import type { ChatsPorts } from "../ports.ts";
import type { ChatWord } from "../words.ts";

/** A file that is not in the post, and the reason. */
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

/** Maximum number of files in a Mattermost post. */
const MAX_FILES = 10;
const LIMITS_MS = 60_000;

type FilePorts = Pick<ChatsPorts, "api" | "bot" | "clock" | "config" | "connections" | "graph">;

export class Files {
  readonly #ports: FilePorts;
  /** False once the server has refused it. */
  #canCopy = true;
  #limits: { readonly at: number; readonly limits: Promise<FileLimits> } | null = null;

  constructor(ports: FilePorts) {
    this.#ports = ports;
  }

  /** Throws for temporary failures; everything else becomes a note. */
  async collect(wanted: FilesWanted): Promise<FetchedFiles> {
    const ids = new Map<string, string[]>([...wanted.channels.keys()].map((userId) => [userId, []]));
    const notes: FileNote[] = [];
    for (const file of wanted.files.slice(0, MAX_FILES)) {
      const name = file.from === "reference" ? safeName(file.name, "file") : "";
      try {
        const made = await this.#one(file, wanted);
        const left = new Map([...wanted.channels].filter(([userId]) => !made.has(userId)));
        const more = left.size > 0 ? await this.#one(file, { ...wanted, channels: left }) : [];
        for (const [userId, id] of [...made, ...more]) ids.get(userId)?.push(id);
      } catch (error) {
        if (!(error instanceof FileRefused)) throw error;
        const { limitMb, reason } = error;
        const url = file.from === "reference" ? { url: file.url } : {};
        notes.push({ word: wordOf[reason], name, limitMb, ...url });
      }
    }
    const more = wanted.files.length - MAX_FILES;
    if (more > 0) notes.push({ word: more === 1 ? "files_more_one" : "files_more", name: "", count: more });
    return { ids, notes };
  }

  /** The limits of the setting and of the server. */
  limits(): Promise<FileLimits> {
    const { api, config } = this.#ports;
    const clock = steady(this.#ports.clock);
    if (!this.#limits || clock.now() - this.#limits.at > LIMITS_MS) {
      const own = (config.current.section(chatsSettings).chats_max_file_size_mb ?? 20) * 1024 * 1024;
      const limits = fileLimits(api, own);
      limits.catch(() => {
        this.#limits = null;
      });
      this.#limits = { at: clock.now(), limits };
    }
    return this.#limits.limits;
  }

  /** Returns a file id for each account, as far as the files could be created. */
  async #one(
    file: FileReference,
    { channels, isPatient, readers, signal }: FilesWanted,
  ): Promise<Map<string, string>> {
    const limits = await this.limits();
    let denied: FileReason = "denied";
    for (const userId of readers) {
      const { api, bot, clock, connections, graph } = this.#ports;
      const ownerId = await bot.userId();
      const credential = connections.credential(userId);
      try {
        const [first, ...others] = channels;
        if (!first) return new Map();
        const direct = this.#canCopy ? [first] : [first, ...others];
        const ids = await fetchFile({ api, credential, graph, now: clock.now(), ownerId, signal }, file, {
          channels: direct.map(([, channelId]) => channelId),
          limits,
        });
        const made = new Map(direct.map(([to], at) => [to, ids[at] ?? ""]));
        if (this.#canCopy) await this.#copy(made, others);
        return made;
      } catch (error) {
        if (error instanceof FileRefused) throw error;
        if (refusesReader(error)) {
          if (refusalOf(error).reason === "gone") denied = "gone";
          continue;
        }
        if ((mayPass(error) && isPatient) || signal.aborted) throw error;
        throw new FileRefused(refusalOf(error).reason);
      }
    }
    throw new FileRefused(denied);
  }

  /** Copies the first recipient's file for the others. */
  async #copy(made: Map<string, string>, others: readonly (readonly [string, string])[]): Promise<void> {
    const { api, bot } = this.#ports;
    const [original = ""] = made.values();
    for (const [to] of others) {
      const [copy] = await api.copyFileInfos(await bot.userId(), [original]).catch(() => {
        // This server cannot copy: from now on the bytes are uploaded for each recipient, still from one download.
        this.#canCopy = false;
        return [];
      });
      if (!copy) break;
      made.set(to, copy);
    }
  }
}

/** The word for each reason why a file of Teams was not copied. */
const wordOf: Readonly<Record<FileReason, FileNote["word"]>> = {
  denied: "file_denied",
  empty: "file_empty",
  failed: "file_failed",
  gone: "file_gone",
  locked: "file_locked",
  no_drive: "file_failed",
  no_room: "file_failed",
  no_storage: "file_failed",
  not_taken: "file_not_taken",
  too_large: "file_too_large",
  too_large_there: "file_failed",
  too_many_pixels: "file_too_many_pixels",
};
