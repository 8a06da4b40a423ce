/** Streams a file between the two systems; its first bytes are inspected before the rest passes. */

import { free, PartsPassed } from "../../runtime/engine/heap.ts";
import { StorageUnreachable } from "../graph/index.ts";

const HEAD_BYTES = 64 * 1024;
/** A download that delivers nothing for this long is ended; the whole download may take ten minutes. */
const IDLE_MS = 60_000;

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** The file has more or fewer bytes than announced. */
export class WrongSize extends Error {
  override readonly name = "WrongSize";
}

/** A stream whose first bytes were read in advance. It can be read once, by one of its methods. */
export class FileStream {
  head: Uint8Array = new Uint8Array();
  /** Why the stream ended early. The receiver of the bytes may have reported another error. */
  failure: Error | null = null;
  readonly #reader: Reader;
  readonly #idleMs: number;
  #ended = false;

  private constructor(reader: Reader, idleMs: number) {
    this.#reader = reader;
    this.#idleMs = idleMs;
  }

  static async of(body: ReadableStream<Uint8Array>, idleMs = IDLE_MS): Promise<FileStream> {
    const file = new FileStream(body.getReader(), idleMs);
    const parts: Uint8Array[] = [];
    for (let size = 0; size < HEAD_BYTES && !file.#ended; ) {
      const part = await file.#read();
      if (part) parts.push(part);
      size += part?.length ?? 0;
    }
    file.head = Buffer.concat(parts);
    return file;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel().catch(() => {});
  }

  /** Returns null for more than `mostBytes`. Throws WrongSize when the length differs from `size`. */
  async whole({ size, mostBytes }: { size: number | null; mostBytes: number }): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of this.#parts()) {
      length += part.length;
      if (length > mostBytes) {
        await this.cancel();
        return null;
      }
      parts.push(part);
    }
    if (size !== null && length !== size) throw new WrongSize();
    return Buffer.concat(parts);
  }

  /**
   * Yields all bytes. Fails when the file has another size, because the server would otherwise keep a part of it. Each
   * part is freed when the next one is requested.
   */
  async *exactly(bytes: number): AsyncGenerator<Uint8Array> {
    const passed = new PartsPassed();
    let left = bytes;
    try {
      for await (const part of this.#parts()) {
        const { length } = part;
        left -= length;
        if (left < 0) break;
        yield part;
        free(part);
        passed.count(length);
      }
      if (left !== 0) throw new WrongSize();
    } catch (error) {
      this.failure = error as Error;
      throw error;
    } finally {
      await this.cancel();
    }
  }

  async *#parts(): AsyncGenerator<Uint8Array> {
    if (this.head.length > 0) yield this.head;
    while (!this.#ended) {
      const part = await this.#read();
      if (part) yield part;
    }
  }

  async #read(): Promise<Uint8Array | undefined> {
    const idle = Promise.withResolvers<never>();
    const timer = setTimeout(() => idle.reject(new Error("nothing came for a while")), this.#idleMs);
    try {
      const { done, value } = await Promise.race([this.#reader.read(), idle.promise]);
      this.#ended = done;
      return value;
    } catch (cause) {
      this.#ended = true;
      void this.cancel();
      throw new StorageUnreachable("a download was cut off", { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

export const pictureName = (now: number) =>
  `Picture ${new Date(now).toISOString().slice(0, 19).replace("T", " ").replaceAll(":", "-")}`;

/** Graph often does not state the type of a picture (docs/facts/microsoft-chat.md 5.5). */
export function extensionOf(head: Uint8Array, contentType: string): string {
  const text = Buffer.from(head.subarray(0, 12)).toString("latin1");
  if (text.startsWith("\x89PNG")) return "png";
  if (text.startsWith("\xff\xd8")) return "jpg";
  if (text.startsWith("GIF8")) return "gif";
  if (text.startsWith("RIFF") && text.endsWith("WEBP")) return "webp";
  if (text.startsWith("BM")) return "bmp";
  const named = /^(?:image|audio|video)\/(png|jpeg|gif|webp|bmp|mp4|mpeg|ogg)\b/i.exec(contentType)?.[1];
  return named?.toLowerCase() ?? "bin";
}

const ID_LETTERS = "ybndrfg8ejkmcpqxot1uwisza345h769";
/** An id in Mattermost's format: 26 letters, 130 bits. */
export const newUploadId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(26)), (one) => ID_LETTERS[one & 31]).join("");
