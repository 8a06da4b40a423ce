/**
 * Writes the response of one request. Its calls and their prepared bytes depend on each other's layout, so they share
 * a file.
 */

import { classWithoutFtl, withoutFtl } from "../../engine/tiers.ts";
import { Decoder, Encoder, INCOMPLETE, int, string, struct, type Type, uint } from "../../gob/index.ts";
import { CallTimeout, ConnectionLost, nothing, RpcError, type Stream } from "../../goplugin/index.ts";
import { HALF_ANSWER_SECONDS, HEADER_SECONDS, STUCK_SECONDS, WRITE_SECONDS } from "./limits.ts";
import { GoHeader } from "./wire.ts";

/** Facts about the server at the other end; shared by all responses. */
export interface ServerAbilities {
  canFlush: boolean;
}

/**
 * The http.ResponseWriter of one request, which lives in the server; we are the net/rpc client of its stream:
 *
 *   SyncHeader(header) ─▶ [WriteHeader(status)] ─▶ Write(bytes)… [Flush] … ─▶ FIN
 *
 * Each call waits for the answer to the one before, because the server runs every call in its own goroutine.
 *
 * Every request has a new stream, and a new stream knows no types. So the definitions and the first call are the same
 * bytes each time and are encoded once (`prepared`); later calls are a few dozen bytes, also encoded once.
 */
export class ResponseWriter {
  static {
    classWithoutFtl(ResponseWriter);
  }

  readonly #stream: Stream;
  readonly #answers = new Answers();
  #seq = 0;
  /** First bytes of the current call, which identify it. */
  #asked: Uint8Array = nothingAsked;
  #waiting: { resolve: () => void; reject: (reason: Error) => void } | null = null;
  #lost: Error | null = null;
  readonly #onLost: (reason: Error) => void;
  readonly #server: ServerAbilities;
  /** True once a status or a part of the body was sent. */
  #begun = false;
  /** The second in which the current call was first seen waiting; -1 before. */
  #waitsSince = -1;
  /** True when a part of the answer has arrived. */
  #isHalf = false;

  /** `onLost` is called when the stream broke before we ended it: the client has left or the server has ended. */
  constructor(stream: Stream, server: ServerAbilities, onLost: (reason: Error) => void) {
    this.#stream = stream;
    this.#server = server;
    this.#onLost = onLost;
    stream.onData = (chunk) => this.receive(chunk);
    stream.onEnd = () => {
      if (!this.#lost) this.lose(new ConnectionLost("the server ended the response"));
    };
    stream.onReset = (reason) => this.lose(reason);
  }

  /** True when the stream broke: nothing sent from now on arrives. */
  get isLost(): boolean {
    return this.#lost !== null && this.#lost !== ended;
  }

  /** True when the client may have the beginning of the response. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  /** Called by the clock. */
  everySecond(now: number): void {
    if (!this.#waiting) return;
    if (this.#waitsSince < 0) this.#waitsSince = now;
    // The first two calls send the header. The server writes an answer at once.
    const limit = this.#isHalf ? HALF_ANSWER_SECONDS : this.#seq <= 2 ? HEADER_SECONDS : WRITE_SECONDS;
    if (now - this.#waitsSince >= limit) this.#stream.reset(new CallTimeout("a part of the response", limit));
  }

  /** True when the client, or the server, has stopped accepting data. */
  isStuck(now: number): boolean {
    return this.#waiting !== null && this.#waitsSince >= 0 && now - this.#waitsSince >= STUCK_SECONDS;
  }

  giveUp(reason: Error): void {
    this.#stream.reset(reason);
  }

  /** Replaces all headers and sets the status. Call it first. */
  start(status: number, header: GoHeader): Promise<void> {
    const replaced = this.call(prepared().opening, encoder.encode(GoHeader, header));
    if (status === 200) return replaced;
    return replaced.then(() => {
      this.#begun = true;
      return this.call(head("Plugin.WriteHeader", this.#seq), encoder.encode(int, status));
    });
  }

  /** Sends all parts in one Write. */
  write(...parts: Uint8Array[]): Promise<void> {
    this.#begun = true;
    let length = 0;
    for (const part of parts) length += part.length;
    return this.call(head("Plugin.Write", this.#seq), bytesHead(length), ...parts);
  }

  /** Does nothing on Mattermost 10.11, which cannot flush: it sends bytes when its buffer of 4 KiB is full. */
  async flush(): Promise<void> {
    if (!this.#server.canFlush) return;
    try {
      await this.call(head("Plugin.Flush", this.#seq), prepared().emptyStruct);
    } catch (error) {
      if (!(error instanceof RpcError) || error.message !== "rpc: can't find method Plugin.Flush")
        throw error;
      this.#server.canFlush = false;
    }
  }

  /** Closes the client's connection: the only way to signal that a response of unknown length is incomplete. */
  async cutOff(): Promise<void> {
    await this.call(head("Plugin.HijackResponse", this.#seq), prepared().emptyStruct);
    await this.call(head("Plugin.HjConnClose", this.#seq), prepared().emptyStruct);
  }

  end(): void {
    this.#lost ??= ended;
    this.#stream.end();
  }

  private call(...parts: Uint8Array[]): Promise<void> {
    if (this.#lost) return Promise.reject(this.#lost);
    this.#seq++;
    this.#asked = parts[0] as Uint8Array;
    this.#waitsSince = -1;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#stream.write(...parts);
    });
  }

  private receive(chunk: Uint8Array): void {
    let answer: string | null;
    try {
      answer = this.#answers.read(chunk, this.#asked);
    } catch (error) {
      this.#stream.reset(error as Error);
      return;
    }
    this.#isHalf = answer === null;
    this.#waitsSince = -1;
    if (answer === null) return;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (answer === "") waiting?.resolve();
    else waiting?.reject(new RpcError(answer));
  }

  private lose(reason: Error): void {
    if (this.#lost) return;
    this.#lost = reason;
    this.#waiting?.reject(reason);
    this.#waiting = null;
    this.#onLost(reason);
  }
}

/** One object for all: creating an Error costs more than everything else at the end of a response. */
const ended = new ConnectionLost("the response has ended");

/**
 * Reads the answers of one stream. A successful call is answered with the same bytes on every stream, definitions
 * included, because type ids belong to the server's process. So an answer that was decoded once is recognised later
 * by its bytes.
 */
class Answers {
  static {
    classWithoutFtl(Answers);
  }

  #decoder: Decoder | null = null;
  #answer: RpcResponse | null = null;
  /** Answers that were recognised and not decoded. The decoder needs their definitions once it is used. */
  readonly #recognised: Uint8Array[] = [];

  /** Returns the error of the answer, "" when there is none, null while the answer is incomplete. */
  read(chunk: Uint8Array, asked: Uint8Array): string | null {
    if (!this.#decoder) {
      const known = successes.get(asked);
      if (known && Buffer.compare(known, chunk) === 0) {
        this.#recognised.push(known);
        return "";
      }
    }
    const first = !this.#decoder;
    const decoder = this.#decoder ?? this.startDecoding();
    decoder.push(chunk);
    const error = this.next(decoder);
    // The answer came in one piece and was unknown: remember it.
    if (error === "" && first) successes.set(asked, chunk.slice());
    return error;
  }

  private startDecoding(): Decoder {
    const decoder = new Decoder();
    this.#decoder = decoder;
    for (const chunk of this.#recognised) {
      decoder.push(chunk);
      this.next(decoder);
    }
    return decoder;
  }

  private next(decoder: Decoder): string | null {
    if (!this.#answer) {
      const answer = decoder.read(RpcResponse);
      if (answer === INCOMPLETE) return null;
      this.#answer = answer;
    }
    if (!decoder.skip()) return null;
    const { Error: message } = this.#answer;
    this.#answer = null;
    return message;
  }
}

/** Answers to successful calls, keyed by the constant bytes of the call. Weak: other bytes are not kept. */
const successes = new WeakMap<Uint8Array, Uint8Array>();

interface RpcRequest {
  ServiceMethod: string;
  Seq: number;
}
const RpcRequest: Type<RpcRequest> = struct<RpcRequest>("Request", () => ({
  ServiceMethod: string,
  Seq: uint,
}));

interface RpcResponse {
  ServiceMethod: string;
  Seq: number;
  Error: string;
}
const RpcResponse: Type<RpcResponse> = struct<RpcResponse>("Response", () => ({
  ServiceMethod: string,
  Seq: uint,
  Error: string,
}));

/** One encoder for all responses: its definitions are sent here once, and from then on it produces only values. */
const encoder = new Encoder();

/** Created for the first response: at import it would cost every start 1 ms. */
let made: { opening: Uint8Array; emptyStruct: Uint8Array } | undefined;
function prepared(): NonNullable<typeof made> {
  made ??= prepare();
  return made;
}

/** `opening`: the definitions of all types we send, and the first call. */
function prepare(): NonNullable<typeof made> {
  const firstCall = encoder.encode(RpcRequest, { ServiceMethod: "Plugin.SyncHeader", Seq: 0 });
  const headerDefined = encoder.encode(GoHeader, {});
  const header = encoder.encode(GoHeader, {});
  const structDefined = encoder.encode(nothing, {});
  const emptyStruct = encoder.encode(nothing, {});
  const opening = Buffer.concat([
    headerDefined.subarray(0, headerDefined.length - header.length),
    structDefined.subarray(0, structDefined.length - emptyStruct.length),
    firstCall,
  ]);
  return { opening, emptyStruct };
}

const nothingAsked = new Uint8Array();

/** Calls with small sequence numbers, which are nearly all, are encoded once. */
const heads: Record<string, Uint8Array[]> = {};
function head(method: string, seq: number): Uint8Array {
  if (seq > 3) return encoder.encode(RpcRequest, { ServiceMethod: method, Seq: seq });
  heads[method] ??= [];
  heads[method][seq] ??= encoder.encode(RpcRequest, { ServiceMethod: method, Seq: seq });
  return heads[method][seq];
}

/**
 * The header of a []byte message without its bytes, so that the bytes need no copy:
 *
 *   ┌────────┬──────────────┬───┬──────────────┬─────────┐
 *   │ length │ type id: int │ 0 │ count: uint  │ bytes … │   length: of everything after it
 *   └────────┴──────────────┴───┴──────────────┴─────────┘
 */
function bytesHead(count: number): Uint8Array {
  const size = uintSize(count);
  const out = new Uint8Array(uintSize(2 + size + count) + 2 + size);
  let at = putUint(out, 0, 2 + size + count);
  out[at++] = BYTES_TYPE_ID << 1;
  out[at++] = 0;
  putUint(out, at, count);
  return out;
}
const BYTES_TYPE_ID = 5;

function uintSize(n: number): number {
  if (n < 0x80) return 1;
  return n < 0x100 ? 2 : n < 0x1_0000 ? 3 : n < 0x100_0000 ? 4 : 5;
}

function putUint(out: Uint8Array, at: number, n: number): number {
  const size = uintSize(n);
  if (size === 1) {
    out[at] = n;
    return at + 1;
  }
  out[at] = 0x100 - (size - 1);
  for (let i = 1; i < size; i++) out[at + i] = (n / 2 ** (8 * (size - 1 - i))) & 0xff;
  return at + size;
}

withoutFtl(bytesHead);
