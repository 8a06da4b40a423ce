import { headersToGo } from "./headers.ts";
import type { ResponseWriter } from "./response-writer.ts";
import type { GoHeader } from "./wire.ts";

/** One Write: the window of a stream is 256 KiB, and half of it keeps both sides busy. */
const WRITE_BYTES = 128 * 1024;

/** The handler's stream threw. `started`: the client has the beginning of the response already. */
export class BodyFailed extends Error {
  override readonly name = "BodyFailed";
  readonly started: boolean;
  constructor(started: boolean, cause: unknown) {
    super("the body of the response failed", { cause });
    this.started = started;
  }
}

/**
 * Sends a web-standard response. A body that is there as a whole goes with its Content-Length; any other goes
 * as it comes, with a Flush whenever we have to wait for more of it.
 *
 * @throws BodyFailed; anything else means that the client is gone.
 */
export async function sendResponse(
  response: Response,
  method: string,
  writer: ResponseWriter,
): Promise<void> {
  const { status } = response;
  const header = headersToGo(response.headers);
  if (status === 204 || status === 304) {
    delete header["Content-Length"];
    await start(writer, header, status);
    return;
  }
  if (!response.body) return start(writer, header, status);

  // Bun does not tell the type of a text body, and Go would guess one from the bytes: a text could become a page.
  header["Content-Type"] ??= ["text/plain; charset=utf-8"];
  const body = new BodyReader(response.body);
  try {
    let chunk = await body.next();
    body.lookAhead();
    if (await body.endsNow()) header["Content-Length"] = [String(chunk?.length ?? 0)];
    await start(writer, header, status);
    if (method === "HEAD") return;
    body.started = true;
    while (chunk) {
      for (let at = 0; at < chunk.length; at += WRITE_BYTES) {
        await writer.write(chunk.length <= WRITE_BYTES ? chunk : chunk.subarray(at, at + WRITE_BYTES));
      }
      if (!body.settled) await writer.flush();
      chunk = await body.next();
      if (chunk) body.lookAhead();
    }
  } finally {
    body.cancel();
  }
}

async function start(writer: ResponseWriter, header: GoHeader, status: number): Promise<void> {
  await writer.syncHeader(header);
  if (status !== 200) await writer.writeHeader(status);
}

/** What is read here of a ReadableStreamDefaultReader; the declarations of Bun and Node disagree on the rest. */
interface Reader {
  read(): Promise<{ done: boolean; value?: unknown }>;
  cancel(): Promise<void>;
}

/** Reads a body one piece ahead, to know in time that the end has come or that we have to wait. */
class BodyReader {
  started = false;
  /** What was looked for is there. */
  settled = false;
  readonly #reader: Reader;
  #ahead: Promise<Uint8Array | null> | null = null;
  #ended = false;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader() as Reader;
  }

  /** The next piece, or null at the end. */
  async next(): Promise<Uint8Array | null> {
    const ahead = this.#ahead ?? this.#read();
    this.#ahead = null;
    try {
      return await ahead;
    } catch (error) {
      throw new BodyFailed(this.started, error);
    }
  }

  lookAhead(): void {
    this.settled = false;
    this.#ahead = this.#read();
    this.#ahead.catch(() => {}); // reported by next(), if anybody still asks
  }

  /** A body that was given as text or bytes ends within a few microtasks; one that has to wait does not. */
  async endsNow(): Promise<boolean> {
    for (let turn = 0; turn < 5 && !this.settled; turn++) await null;
    return this.#ended;
  }

  cancel(): void {
    if (!this.#ended) this.#reader.cancel().catch(() => {});
  }

  async #read(): Promise<Uint8Array | null> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) this.#ended = true;
      else if (!(value instanceof Uint8Array))
        throw new TypeError("the body of a response must be made of Uint8Array");
      else if (value.length === 0) continue;
      this.settled = true;
      return done ? null : (value as Uint8Array);
    }
  }
}
