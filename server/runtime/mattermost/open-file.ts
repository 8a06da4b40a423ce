import { createCipheriv, createDecipheriv } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { free, PartsPassed } from "../engine/heap.ts";
import { SPILLED, type Spill } from "../gob/index.ts";
import type { CallLimit, RpcClient } from "../goplugin/index.ts";
import { AppError } from "./errors.ts";
import { codecOf } from "./method-codec.ts";
import { apiMethods } from "./wire/api.gen.ts";

/** An open file of the server. The caller must close it. */
export interface OpenFile {
  /** In bytes. */
  readonly size: number;
  /** Each part is valid only until the next one is requested. */
  parts(): Iterable<Uint8Array>;
  close(): void;
}

/**
 * Opens a file of the server without holding it in memory. The server's API sends a file as one value and has no
 * ranges, so a large file goes to a temporary file as it arrives. That file is unlinked as soon as it is open, and
 * encrypted with a key that only this object has: once it is closed or the process dies, nothing of it can be read.
 * Resolves with null when there is no room for it.
 */
export async function openFile(rpc: RpcClient, fileId: string, limit: CallLimit): Promise<OpenFile | null> {
  const types = codecOf(apiMethods.getFile);
  const file = new TemporaryFile();
  try {
    const answer = await rpc.call("Plugin.GetFile", types, { A: fileId }, { ...limit, spill: file });
    if ((answer as unknown) === SPILLED) return file.open();
    file.close();
    if (answer.B) throw AppError.fromWire(answer.B as Parameters<typeof AppError.fromWire>[0]);
    return inMemory(answer.A as Uint8Array);
  } catch (error) {
    file.close();
    throw error;
  }
}

export const inMemory = (bytes: Uint8Array): OpenFile => ({
  size: bytes.length,
  parts: () => (bytes.length > 0 ? [bytes] : []),
  close() {
    // Nothing to release.
  },
});

const PART_BYTES = 256 * 1024;
/**
 * Without authentication, because only this process can write to the file. Each key is used for one file, so the
 * counter starts at 0.
 */
const CIPHER = "aes-256-ctr";
const ZERO = new Uint8Array(16);
/** The type id, the field number and the length: at most 9 bytes each. */
const HEAD_BYTES = 27;

class TemporaryFile implements Spill {
  readonly fromBytes = 1024 * 1024;
  #file: number | null = null;
  #length = 0;
  #isBroken = false;
  readonly #passed = new PartsPassed();
  readonly #key = crypto.getRandomValues(new Uint8Array(32));
  readonly #cipher = createCipheriv(CIPHER, this.#key, ZERO);

  write(bytes: Uint8Array): void {
    if (this.#isBroken) return;
    try {
      this.#file ??= unnamedFile();
      const sealed = this.#cipher.update(bytes);
      for (let at = 0; at < sealed.length; ) at += writeSync(this.#file, sealed, at);
      free(sealed);
      this.#length += bytes.length;
      this.#passed.count(bytes.length);
    } catch {
      this.close();
    }
  }

  /** From here on, bytes that still arrive are dropped. */
  close(): void {
    this.#isBroken = true;
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  open(): OpenFile | null {
    if (this.#file === null) return null;
    const head = new Uint8Array(HEAD_BYTES);
    readSync(this.#file, head, 0, HEAD_BYTES, 0);
    const { size, start } = contentOf(createDecipheriv(CIPHER, this.#key, ZERO).update(head));
    if (start + size > this.#length) throw new Error("a file is shorter than it says");
    return { size, parts: () => this.#parts(start, size), close: () => this.close() };
  }

  *#parts(start: number, size: number): Generator<Uint8Array> {
    const opening = createDecipheriv(CIPHER, this.#key, ZERO);
    const sealed = new Uint8Array(PART_BYTES);
    for (let at = 0; at < start + size; ) {
      if (this.#file === null) throw new Error("the file was closed");
      const read = readSync(this.#file, sealed, 0, Math.min(PART_BYTES, start + size - at), at);
      if (read === 0) throw new Error("the end of a temporary file is missing");
      const part = opening.update(sealed.subarray(0, read));
      yield at === 0 ? part.subarray(start) : part;
      at += read;
      free(part);
    }
  }
}

/** Opens an unlinked temporary file, which only this process can read and which disappears with it. */
function unnamedFile(): number {
  const path = join(tmpdir(), `mattermost-plugin-${crypto.randomUUID()}`);
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return file;
}

/** Finds the bytes of the struct's first field: `type id, 1, length, bytes …` (encoding/gob). */
function contentOf(head: Uint8Array): { size: number; start: number } {
  let at = 0;
  const next = (): number => {
    const first = head[at++] ?? 0;
    if (first < 0x80) return first;
    let value = 0;
    for (let left = 0x100 - first; left > 0; left -= 1) value = value * 256 + (head[at++] ?? 0);
    return value;
  };
  next();
  if (next() !== 1) throw new Error("a large answer that is no file");
  const size = next();
  return { size, start: at };
}
