/** The answer of one request, as the calls that the server makes it from (response-calls.ts, response-answers.ts). */

import { classWithoutFtl } from "../../engine/tiers.ts";
import { int } from "../../gob/index.ts";
import { CallTimeout, ConnectionLost, RpcError, type Stream } from "../../goplugin/index.ts";
import { HALF_ANSWER_SECONDS, HEADER_SECONDS, STUCK_SECONDS, WRITE_SECONDS } from "./limits.ts";
import { Answers } from "./response-answers.ts";
import { bytesHead, encoder, head, prepared } from "./response-calls.ts";
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
 * Each call waits for the answer to the one before, because the server runs every call in its own goroutine. For the
 * same reason the hook must not return while a call runs: the server would write its own answer into the same header
 * at the same time, and Go ends the whole server for that ("fatal error: concurrent map writes").
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
  /** Write and Flush wait for a client who reads slowly; other calls wait for the server alone. */
  #waitsForClient = false;
  /** Set when this process is about to end: no further call is sent. */
  #stopped: Error | null = null;
  /** Called when the server has finished the last call before that. */
  #onLastCall: () => void = () => {};
  /** Set when we gave up while a call ran: resolves when the server has finished it. */
  #finished: Promise<void> | null = null;
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
    // The server writes an answer at once.
    const limit = this.#isHalf ? HALF_ANSWER_SECONDS : this.#waitsForClient ? WRITE_SECONDS : HEADER_SECONDS;
    if (now - this.#waitsSince >= limit) this.giveUp(new CallTimeout("a part of the response", limit));
  }

  /** True when the client has stopped accepting data. A busy server alone makes no request stuck. */
  isStuck(now: number): boolean {
    if (!this.#waiting || !this.#waitsForClient || this.#waitsSince < 0) return false;
    return now - this.#waitsSince >= STUCK_SECONDS;
  }

  /**
   * Ends the response while a call waits for its answer. A FIN and no RST, because net/rpc ends its side when the last
   * call has run, and that is how `finished` knows. If the server never does, the session resets the stream
   * (HALF_CLOSED_TIMEOUT_MS).
   */
  giveUp(reason: Error): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#finished = promise;
    this.#stream.onEnd = resolve;
    this.#stream.onReset = () => resolve();
    this.lose(reason);
    this.#stream.end();
  }

  /** Sends no further call. Resolves when the server runs no call of this response any more. */
  stop(): Promise<void> {
    this.#stopped = stopped;
    if (this.#finished) return this.#finished;
    if (!this.#waiting) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onLastCall = resolve;
    });
  }

  /** After giving up: resolves when the server runs no call of this response any more. Else null. */
  get finished(): Promise<void> | null {
    return this.#finished;
  }

  /** Replaces all headers and sets the status. Call it first. */
  start(status: number, header: GoHeader): Promise<void> {
    this.#waitsForClient = false;
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
    this.#waitsForClient = true;
    let length = 0;
    for (const part of parts) length += part.length;
    return this.call(head("Plugin.Write", this.#seq), bytesHead(length), ...parts);
  }

  /** Does nothing on Mattermost 10.11, which cannot flush: it sends bytes when its buffer of 4 KiB is full. */
  async flush(): Promise<void> {
    if (!this.#server.canFlush) return;
    this.#waitsForClient = true;
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
    this.#waitsForClient = false;
    await this.call(head("Plugin.HijackResponse", this.#seq), prepared().emptyStruct);
    await this.call(head("Plugin.HjConnClose", this.#seq), prepared().emptyStruct);
  }

  end(): void {
    this.#lost ??= ended;
    this.#stream.end();
  }

  private call(...parts: Uint8Array[]): Promise<void> {
    const over = this.#lost ?? this.#stopped;
    if (over) return Promise.reject(over);
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
    this.#onLastCall();
  }

  private lose(reason: Error): void {
    if (this.#lost) return;
    this.#lost = reason;
    this.#waiting?.reject(reason);
    this.#waiting = null;
    this.#onLost(reason);
    this.#onLastCall();
  }
}

/** One object for all: creating an Error costs more than everything else at the end of a response. */
const ended = new ConnectionLost("the response has ended");

const stopped = new ConnectionLost("the plugin ends");

const nothingAsked = new Uint8Array();
