/** Streams a file between the two systems; its first bytes are inspected before the rest passes. */

import { PartsPassed } from "../../runtime/engine/heap.ts";

const HEAD_BYTES = 64 * 1024;

interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** The file has more or fewer bytes than announced. */
export class WrongSize extends Error {
  override readonly name = "WrongSize";
}

/** A stream whose first bytes have been read. */
export class FileStream {
  readonly head: Uint8Array;
  readonly #reader: ByteReader;
  #ended: boolean;

  constructor(head: Uint8Array, reader: ByteReader, ended: boolean) {
    this.head = head;
    this.#reader = reader;
    this.#ended = ended;
  }

  static async of(body: ReadableStream<Uint8Array>): Promise<FileStream> {
    const reader: ByteReader = body.getReader();
    const parts: Uint8Array[] = [];
    for (let size = 0; size < HEAD_BYTES; ) {
      const { done, value } = await reader.read();
      if (done || !value) return new FileStream(Buffer.concat(parts), reader, true);
      parts.push(value);
      size += value.length;
    }
    return new FileStream(Buffer.concat(parts), reader, false);
  }

  cancel(): Promise<void> {
    return this.#reader.cancel().catch(() => {});
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const passed = new PartsPassed();
    if (this.head.length > 0) yield this.head;
    while (!this.#ended) {
      const { done, value } = await this.#reader.read();
      this.#ended = done;
      if (!value) continue;
      yield value;
      passed.count(value.length);
    }
  }

  /** Returns the whole file; null when it is larger than the limit. */
  async whole(mostBytes: number): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of this.chunks()) {
      size += part.length;
      if (size > mostBytes) {
        await this.cancel();
        return null;
      }
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  /** Fails when the file turns out to have another size, because the server would otherwise keep a part of it. */
  async *exactly(bytes: number): AsyncGenerator<Uint8Array> {
    let left = bytes;
    for await (const part of this.chunks()) {
      left -= part.length;
      if (left < 0) break;
      yield part;
    }
    if (left !== 0) throw new WrongSize();
  }

  /** The same as a web stream that holds one chunk at a time. */
  stream(bytes: number): ReadableStream<Uint8Array> {
    const chunks = this.exactly(bytes);
    return new ReadableStream<Uint8Array>(
      {
        pull: async (to) => {
          try {
            const { done, value } = await chunks.next();
            if (done) to.close();
            else to.enqueue(value);
          } catch (error) {
            await this.cancel();
            to.error(error);
          }
        },
        cancel: () => this.cancel(),
      },
      { highWaterMark: 0 },
    );
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
