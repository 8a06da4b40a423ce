import { classWithoutFtl } from "../engine/tiers.ts";
import { Decoder, Encoder, INCOMPLETE, type Registry, type Spill, type Type } from "../gob/index.ts";
import {
  CallTimeout,
  ConnectionLost,
  LimitReached,
  ProtocolError,
  RpcError,
  UnreadableValue,
} from "./errors.ts";
import { MAX_ABANDONED_CALLS, MAX_PENDING_CALLS, PROBE_SECONDS } from "./limits.ts";
import { nothing, type Response, requestType, responseType } from "./rpc.ts";
import { processSeconds, type Seconds } from "./seconds.ts";
import { Stall } from "./stall.ts";
import type { Stream } from "./stream.ts";

interface PendingCall {
  readonly method: string;
  readonly reply: Type<unknown>;
  resolve(reply: unknown): void;
  reject(error: Error): void;
  /** The second in which the call was made. */
  readonly since: number;
  readonly limit: CallLimit;
}

/** The types of a call's arguments and result. A caller that keeps this object creates none for each call. */
export interface CallTypes<A, R> {
  readonly args: Type<A>;
  readonly returns: Type<R>;
}

/** How long a call may take, in seconds. */
export interface CallLimit {
  readonly seconds: number;
  /** Returns the second in which bytes last moved. Set for calls that stream: their limit is an idle limit. */
  progress?(): number;
  /** Receives a large answer as it arrives; the call then resolves with SPILLED. */
  readonly spill?: Spill;
}

export interface RpcClientOptions {
  registry?: Registry;
  /** Time limit of calls that do not set one. Default: none. */
  callSeconds?: number;
  /** Resolves when the other process answers a ping. Without it, a silent stream is never given up. */
  ping?: () => Promise<unknown>;
  seconds?: Seconds;
}

/**
 * Calls methods of the other process, many at a time on one stream.
 *
 * A Go server runs each call in its own goroutine, so await calls one by one when their order matters.
 *
 * A call that exceeds its time limit fails; a late answer is dropped (Seq keeps the stream in step). When nothing at
 * all was answered since that call, the client probes the stream with a method that does not exist, which net/rpc
 * answers by itself. If the probe gets no answer while the other process answers pings, nobody reads this stream any
 * more.
 */
export class RpcClient {
  static {
    classWithoutFtl(RpcClient);
  }

  /**
   * Called when the stream is over: closed by us, by the peer, or because of a protocol error. Calls fail from now
   * on. `call`: the one whose answer was being read, or else the oldest in progress.
   */
  onClose: ((reason: Error, call: string | null) => void) | null = null;

  readonly #stream: Stream;
  readonly #encoder: Encoder;
  readonly #decoder: Decoder;
  readonly #pending = new Map<number, PendingCall>();
  /** Methods of the calls that timed out, by Seq. */
  readonly #abandoned = new Map<number, string>();
  readonly #ping: (() => Promise<unknown>) | undefined;
  readonly #seconds: Seconds;
  readonly #usualLimit: CallLimit;
  readonly #stall = new Stall("answers");
  #nextSeq = 0;
  #response: Response | null = null;
  #lost: Error | null = null;
  /** Number of answers so far, and the second of the last one. */
  #answers = 0;
  #answeredAt = -1;
  #confirming = false;

  constructor(stream: Stream, options: RpcClientOptions = {}) {
    const { registry, ping, seconds = processSeconds, callSeconds = Number.POSITIVE_INFINITY } = options;
    this.#stream = stream;
    this.#encoder = new Encoder(registry ? { registry } : {});
    this.#decoder = new Decoder(registry ? { registry } : {});
    this.#ping = ping;
    this.#usualLimit = { seconds: callSeconds };
    this.#seconds = seconds;
    seconds.watch(this);
    stream.onReset = (reason) => this.end(reason);
    stream.onEnd = () => {
      stream.end();
      this.end(new ConnectionLost("the other side ended the stream"));
    };
    stream.onData = (chunk) => this.receive(chunk);
    if (stream.closed) this.end(new ConnectionLost());
  }

  get pendingCalls(): number {
    return this.#pending.size;
  }

  /**
   * Calls `method` ("Service.Method").
   * @throws RpcError what the other side answered; CallTimeout; UnreadableValue for an answer that does not fit
   * `types.returns`; ConnectionLost, StreamReset or ProtocolError when the stream is over; GobError when `value` does not fit
   * `types.args` (nothing was sent); LimitReached.
   */
  call<A, R>(
    method: string,
    types: CallTypes<A, R>,
    value: A,
    limit: CallLimit = this.#usualLimit,
  ): Promise<R> {
    if (this.#lost) return Promise.reject(this.#lost);
    if (this.#pending.size >= MAX_PENDING_CALLS) {
      return Promise.reject(new LimitReached(`rpc: ${MAX_PENDING_CALLS} calls are under way`));
    }
    return new Promise<R>((resolve, reject) => {
      const seq = this.#nextSeq;
      const bytes = this.#encoder.encodePair(
        requestType,
        { ServiceMethod: method, Seq: seq },
        types.args,
        value,
      );
      this.#nextSeq++;
      this.#pending.set(seq, {
        method,
        reply: types.returns as Type<unknown>,
        resolve: resolve as (reply: unknown) => void,
        reject,
        since: this.#seconds.now,
        limit,
      });
      this.#stream.write(bytes);
    });
  }

  /** Ends the stream. Calls in progress fail. */
  close(): void {
    this.#stream.end();
    this.end(new ConnectionLost("the rpc stream is closed"));
  }

  /** Called by the clock (seconds.ts). */
  everySecond(): void {
    if (this.#lost) return;
    const { now } = this.#seconds;
    for (const [seq, call] of this.#pending) {
      const idleSince = Math.max(call.since, call.limit.progress?.() ?? 0);
      if (now - idleSince >= call.limit.seconds) this.timeOut(seq, call);
    }
    if (this.#stall.isStalled(this.#decoder.isMidValue || this.#response !== null)) {
      const answers = this.#answers;
      void this.confirm("an answer stops half way", () => this.#answers === answers);
    }
  }

  private timeOut(seq: number, call: PendingCall): void {
    this.#pending.delete(seq);
    this.#abandoned.set(seq, call.method);
    call.reject(new CallTimeout(call.method, call.limit.seconds));
    if (this.#abandoned.size > MAX_ABANDONED_CALLS) {
      this.fail(new LimitReached(`${MAX_ABANDONED_CALLS} calls were never answered`));
    } else if (this.#answeredAt <= call.since && call.method !== PROBE) this.probe(call.method);
  }

  /** Sends a call to an unknown method: net/rpc answers it without the application. */
  private probe(method: string): void {
    const answers = this.#answers;
    const silent = () => this.#answers === answers;
    this.call(PROBE, PROBE_TYPES, {}, { seconds: PROBE_SECONDS }).catch((error) => {
      if (!(error instanceof CallTimeout) || !silent()) return;
      void this.confirm("calls are not answered any more", silent, method).then((known) => {
        if (!known && silent() && !this.#lost) this.probe(method);
      });
    });
  }

  /**
   * Gives the stream up when the other process answers a ping and `broken` still holds. Resolves with false when the
   * other process is paused.
   */
  private async confirm(why: string, broken: () => boolean, call?: string): Promise<boolean> {
    if (!this.#ping || this.#confirming) return true;
    this.#confirming = true;
    try {
      await this.#ping();
      // Data sent before the pong has been read by now. Data that was about to be sent gets one more second.
      await this.#seconds.next();
      if (broken() && !this.#lost) this.fail(new ProtocolError(why), call);
      return true;
    } catch {
      return false;
    } finally {
      this.#confirming = false;
    }
  }

  private receive(chunk: Uint8Array): void {
    if (this.#lost) return;
    this.#stall.received();
    try {
      this.#decoder.push(chunk);
      while (this.readAnswer());
    } catch (error) {
      this.fail(error instanceof Error ? error : new ProtocolError(String(error)));
    }
  }

  /** Returns false while a part of the answer is missing. */
  private readAnswer(): boolean {
    if (!this.#response) {
      const response = this.#decoder.readHeader(responseType);
      if (response === INCOMPLETE) return false;
      this.#response = response;
    }
    const { Seq, Error: message } = this.#response;
    const call = this.#pending.get(Seq);
    if (!call) return this.readLate(Seq);
    if (message !== "") {
      if (!this.#decoder.skip()) return false;
      call.reject(new RpcError(message));
    } else {
      try {
        const reply = this.#decoder.read(call.reply, call.limit.spill);
        if (reply === INCOMPLETE) return false;
        call.resolve(reply);
      } catch (error) {
        if (!(error instanceof UnreadableValue)) throw error;
        call.reject(new UnreadableValue(`the answer to ${call.method} cannot be read: ${error.message}`));
      }
    }
    this.#pending.delete(Seq);
    this.answered();
    return true;
  }

  /** Reads the late answer to a call that timed out. */
  private readLate(seq: number): boolean {
    if (!this.#abandoned.has(seq)) throw new ProtocolError(`an answer to call ${seq}, which was not made`);
    try {
      if (!this.#decoder.skip()) return false;
    } catch (error) {
      if (!(error instanceof UnreadableValue)) throw error;
    }
    this.#abandoned.delete(seq);
    this.answered();
    return true;
  }

  private answered(): void {
    this.#response = null;
    this.#answers++;
    this.#answeredAt = this.#seconds.now;
  }

  private fail(reason: Error, call?: string): void {
    const named = call ?? this.nameCall();
    this.#stream.onReset = null;
    this.#stream.reset(reason);
    this.end(reason, named);
  }

  private nameCall(): string | null {
    const seq = this.#response?.Seq ?? -1;
    const read = this.#pending.get(seq)?.method ?? this.#abandoned.get(seq) ?? this.#response?.ServiceMethod;
    const [oldest] = this.#pending.values();
    return read || (oldest?.method ?? null);
  }

  private end(reason: Error, call: string | null = this.nameCall()): void {
    if (this.#lost) return;
    this.#lost = reason;
    this.#seconds.unwatch(this);
    // First, so that the reason is logged before the failures that follow from it.
    this.onClose?.(reason, call);
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }
}

/** A method that the API does not have and never will. */
const PROBE = "Plugin.IsThisStreamRead";
const PROBE_TYPES = { args: nothing, returns: nothing };
