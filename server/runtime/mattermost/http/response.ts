import { headersToGo } from "./headers.ts";
import type { ResponseWriter } from "./response-writer.ts";
import { wholeBody } from "./whole-body.ts";
import type { GoHeader } from "./wire.ts";

/** Bytes of one Write: the stream's window lets no more through at once. */
const WRITE_BYTES = 240 * 1024;

/** Below this size, the garbage collector is cheaper. */
const WORTH_FREEING_BYTES = 64 * 1024;

/** Bun returns a complete body (a Blob, a clone) in one piece, or in 16 KiB and a second piece. */
const WHOLE_BODY_PIECES = 2;

/** The handler's stream threw. */
export class BodyFailed extends Error {
  override readonly name = "BodyFailed";
  constructor(cause: unknown) {
    super("the body of the response failed", { cause });
  }
}

/**
 * Sends a web-standard response. A complete body is sent with its Content-Length. Any other is sent piece by piece,
 * with a Flush whenever we have to wait for the next piece.
 *
 * `closes`: end the client's connection after the response. Otherwise Go's server first reads the unread part of the
 * request body (net/http, chunkWriter.writeHeader), and our Write would wait with it for a body that never arrives.
 *
 * @throws BodyFailed; RpcError when the server refuses a call, as it does for a Write after the client has left.
 */
export async function sendResponse(
  response: Response,
  method: string,
  writer: ResponseWriter,
  closes = false,
): Promise<void> {
  const { status } = response;
  const header = headersToGo(response.headers);
  if (closes) header.Connection = ["close"];
  if (status === 204 || status === 304) {
    delete header["Content-Length"];
    await writer.start(status, header);
    return;
  }
  const whole = wholeBody(response);
  if (!whole && !response.body) {
    await writer.start(status, header);
    return;
  }
  // Bun does not report the type of a text body, and Go would guess one from the bytes: text could be shown as a
  // page.
  header["Content-Type"] ??= ["text/plain; charset=utf-8"];
  if (!whole) {
    await sendStream(new BodyReader(response.body as ReadableStream), { status, header, method }, writer);
    return;
  }
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await whole;
  } catch (error) {
    throw new BodyFailed(error);
  }
  header["Content-Length"] = [String(bytes.length)];
  await writer.start(status, header);
  if (method === "HEAD") return;
  for (let at = 0; at < bytes.length; at += WRITE_BYTES) {
    await writer.write(bytes.length <= WRITE_BYTES ? bytes : bytes.subarray(at, at + WRITE_BYTES));
  }
  // The server has answered the last Write, so nobody reads these bytes any more. Freeing them now lets the next
  // response of this size reuse pages that are in the processor's cache.
  if (bytes.length > WORTH_FREEING_BYTES) bytes.buffer.transfer(0);
}

async function sendStream(
  body: BodyReader,
  { status, header, method }: { readonly status: number; readonly header: GoHeader; readonly method: string },
  writer: ResponseWriter,
): Promise<void> {
  try {
    let pieces = await body.gather(WHOLE_BODY_PIECES);
    if (body.ended) header["Content-Length"] = [String(pieces.reduce((sum, piece) => sum + piece.length, 0))];
    await writer.start(status, header);
    if (method === "HEAD") return;
    while (pieces.length > 0) {
      for (const parts of writes(pieces)) await writer.write(...parts);
      if (body.ended) return;
      if (!body.isReady) await writer.flush();
      pieces = await body.gather(1);
    }
  } finally {
    body.cancel();
  }
}

/** The part of ReadableStreamDefaultReader used here; Bun and Node declare other parts differently. */
interface Reader {
  read(): Promise<{ done: boolean; value?: unknown }>;
  cancel(): Promise<void>;
}

/** Cuts and joins pieces into Writes of at most WRITE_BYTES. */
function* writes(pieces: Uint8Array[]): Generator<Uint8Array[]> {
  let parts: Uint8Array[] = [];
  let room = WRITE_BYTES;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + room);
      parts.push(part);
      at += part.length;
      room -= part.length;
      if (room > 0) continue;
      yield parts;
      parts = [];
      room = WRITE_BYTES;
    }
  }
  if (parts.length > 0) yield parts;
}

/** Reads a body one piece ahead, to know early whether the end has come or the next piece must be awaited. */
class BodyReader {
  ended = false;
  readonly #reader: Reader;
  #ahead: Promise<Uint8Array | null> | null = null;
  #settled = false;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader() as Reader;
  }

  /** True when the next piece is available. */
  get isReady(): boolean {
    return this.#settled;
  }

  /**
   * Returns the next piece, and those after it that are available without waiting, up to `most` bytes; none at the
   * end.
   */
  async gather(most: number): Promise<Uint8Array[]> {
    const pieces: Uint8Array[] = [];
    try {
      do {
        const piece = await (this.#ahead ?? this.#read());
        this.#ahead = null;
        if (!piece) return pieces;
        pieces.push(piece);
        await this.#lookAhead();
      } while (this.#settled && !this.ended && pieces.length < most);
      return pieces;
    } catch (error) {
      throw new BodyFailed(error);
    }
  }

  cancel(): void {
    if (!this.ended) this.#reader.cancel().catch(() => {});
  }

  /** An available piece arrives within a few microtasks; one that must be awaited does not. */
  async #lookAhead(): Promise<void> {
    this.#settled = false;
    this.#ahead = this.#read();
    this.#ahead.catch(() => {}); // gather() reports it, if anybody still asks
    for (let turn = 0; turn < 5 && !this.#settled; turn++) await null;
  }

  async #read(): Promise<Uint8Array | null> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) this.ended = true;
      else if (!(value instanceof Uint8Array))
        throw new TypeError("the body of a response must be made of Uint8Array");
      else if (value.length === 0) continue;
      this.#settled = true;
      return done ? null : (value as Uint8Array);
    }
  }
}
