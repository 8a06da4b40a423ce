import { classWithoutFtl } from "../engine/tiers.ts";
import { Decoder, Encoder, INCOMPLETE, NOT_SENT, type Registry, type Type } from "../gob/index.ts";
import { ConnectionLost, ProtocolError, UnreadableValue } from "./errors.ts";
import { MAX_PENDING_CALLS } from "./limits.ts";
import { nothing, type Request, requestType, responseType } from "./rpc.ts";
import { processSeconds, type Seconds } from "./seconds.ts";
import { Stall } from "./stall.ts";
import type { Stream } from "./stream.ts";

interface Method {
  args: Type<unknown>;
  reply: Type<unknown>;
  handler(args: unknown): unknown;
}

export interface RpcServerOptions {
  registry?: Registry;
  /** Called when a call could not be read and failed alone: its method, and the reason. */
  onUnreadable?: (method: string, why: string) => void;
  /**
   * Resolves when the other process answers a ping. Without it, the server waits for the rest of a call without
   * limit.
   */
  ping?: () => Promise<unknown>;
  seconds?: Seconds;
  /**
   * Whether a fault resets the stream, so that the calls in progress fail at once. False for a process that ends after
   * a fault anyway, and has something to finish first. Default: true.
   */
  resetOnFault?: boolean;
}

/**
 * Answers calls of the other process. Calls run concurrently and are answered as they finish.
 *
 * A handler that throws, or whose reply does not fit its type, becomes the error of that call alone: the reply is
 * encoded before any byte is sent, because a half-written reply would break every later call on the stream.
 *
 * Arguments that cannot be read fail their call. When the client failed to encode the arguments and continued with
 * its next call, the first call ends without an answer, because the client no longer waits for one. Any other fault
 * ends the stream.
 */
export class RpcServer {
  static {
    classWithoutFtl(RpcServer);
  }

  /** Resolves when the stream is over: with null after a regular end, else with the reason. */
  readonly closed: Promise<Error | null>;
  /** Called at the same moment, synchronously. */
  onClose: ((reason: Error | null) => void) | null = null;

  readonly #stream: Stream;
  readonly #encoder: Encoder;
  readonly #decoder: Decoder;
  readonly #methods = new Map<string, Method>();
  readonly #settleClosed: (reason: Error | null) => void;
  readonly #onUnreadable: ((method: string, why: string) => void) | undefined;
  readonly #ping: (() => Promise<unknown>) | undefined;
  readonly #resetOnFault: boolean;
  readonly #seconds: Seconds;
  readonly #stall = new Stall("calls");
  #chunks = 0;
  #confirming = false;
  #request: Request | null = null;
  #pending = 0;
  #peerEnded = false;
  #over = false;

  constructor(stream: Stream, options: RpcServerOptions = {}) {
    const { registry, onUnreadable, ping, resetOnFault = true, seconds = processSeconds } = options;
    this.#stream = stream;
    this.#onUnreadable = onUnreadable;
    this.#ping = ping;
    this.#resetOnFault = resetOnFault;
    this.#seconds = seconds;
    seconds.watch(this);
    this.#encoder = new Encoder(registry ? { registry } : {});
    this.#decoder = new Decoder(registry ? { registry } : {});
    const { promise, resolve } = Promise.withResolvers<Error | null>();
    this.closed = promise;
    this.#settleClosed = resolve;
    stream.onReset = (reason) => this.end(reason);
    stream.onEnd = () => {
      this.#peerEnded = true;
      this.endWhenDone();
    };
    stream.onData = (chunk) => this.receive(chunk);
    if (stream.closed) this.end(new ConnectionLost());
  }

  get pendingCalls(): number {
    return this.#pending;
  }

  /** The method of the call whose arguments are being read or could not be read. */
  get reading(): string | null {
    return this.#request?.ServiceMethod ?? null;
  }

  /** Called by the clock (seconds.ts). */
  everySecond(): void {
    const midCall = this.#request !== null || this.#decoder.isMidValue;
    // When we stopped reading at the call limit, the rest may be waiting in the stream.
    if (!this.#stall.isStalled(midCall && this.#pending < MAX_PENDING_CALLS)) return;
    void this.endIfPeerLives();
  }

  private async endIfPeerLives(): Promise<void> {
    if (!this.#ping || this.#confirming) return;
    this.#confirming = true;
    const chunks = this.#chunks;
    try {
      await this.#ping();
      const midCall = this.#request !== null || this.#decoder.isMidValue;
      if (!this.#over && midCall && this.#chunks === chunks)
        this.fail(new ProtocolError("a call stops half way"));
    } catch {
      // The ping failed: the process is paused or gone.
    } finally {
      this.#confirming = false;
    }
  }

  /** Registers the handler of `method` ("Service.Method"). An error that it throws reaches the caller as text. */
  handle<A, R>(method: string, args: Type<A>, reply: Type<R>, handler: (args: A) => R | Promise<R>): void {
    this.#methods.set(method, {
      args: args as Type<unknown>,
      reply: reply as Type<unknown>,
      handler: handler as (args: unknown) => unknown,
    });
  }

  private receive(chunk: Uint8Array): void {
    if (this.#over) return;
    this.#stall.received();
    this.#chunks++;
    try {
      this.#decoder.push(chunk);
      this.readCalls();
    } catch (error) {
      this.fail(error);
    }
  }

  private readCalls(): void {
    while (this.#pending < MAX_PENDING_CALLS && !this.#over) {
      if (!this.readCall()) return;
    }
    if (!this.#over) this.#stream.pause();
  }

  /** Returns false while a part of the call is missing. */
  private readCall(): boolean {
    if (!this.#request) {
      const request = this.#decoder.readHeader(requestType);
      if (request === INCOMPLETE) return false;
      this.#request = request;
    }
    const { ServiceMethod: name, Seq: seq } = this.#request;
    const method = this.#methods.get(name);
    try {
      const args = method ? this.#decoder.readAfterHeader(method.args) : this.#decoder.skip();
      if (args === INCOMPLETE || args === false) return false;
      this.#request = null;
      if (args === NOT_SENT) this.#onUnreadable?.(name, "the other side could not encode its arguments");
      else if (method) this.run(method, name, seq, args);
      else this.refuse(name, seq, this.unknown(name));
    } catch (error) {
      if (!(error instanceof UnreadableValue)) throw error;
      this.#request = null;
      this.#onUnreadable?.(name, error.message);
      this.refuse(name, seq, `the arguments of ${name} cannot be read: ${error.message}`);
    }
    return true;
  }

  private run(method: Method, name: string, seq: number, args: unknown): void {
    this.#pending++;
    let result: unknown;
    try {
      result = method.handler(args);
    } catch (error) {
      this.done(() => this.refuse(name, seq, textOf(error)));
      return;
    }
    if (!(result instanceof Promise)) {
      this.done(() => this.answer(method, name, seq, result));
      return;
    }
    result.then(
      (value) => this.done(() => this.answer(method, name, seq, value)),
      (error) => this.done(() => this.refuse(name, seq, textOf(error))),
    );
  }

  private done(answer: () => void): void {
    if (this.#over) return;
    answer();
    if (this.#pending-- === MAX_PENDING_CALLS) {
      this.#stream.resume();
      queueMicrotask(() => this.receive(new Uint8Array(0)));
    }
    this.endWhenDone();
  }

  private answer(method: Method, name: string, seq: number, value: unknown): void {
    let bytes: Uint8Array;
    try {
      const head = { ServiceMethod: name, Seq: seq, Error: "" };
      bytes = this.#encoder.encodePair(responseType, head, method.reply, value);
    } catch (error) {
      this.refuse(name, seq, `${name}: ${textOf(error)}`);
      return;
    }
    this.#stream.write(bytes);
  }

  private refuse(name: string, seq: number, message: string): void {
    const head = { ServiceMethod: name, Seq: seq, Error: message };
    this.#stream.write(this.#encoder.encodePair(responseType, head, nothing, {}));
  }

  /** Uses the wording of Go's net/rpc: hosts and plugins recognise an older peer by it. */
  private unknown(name: string): string {
    const dot = name.lastIndexOf(".");
    if (dot < 0) return `rpc: service/method request ill-formed: ${name}`;
    const service = name.slice(0, dot + 1);
    for (const known of this.#methods.keys()) {
      if (known.startsWith(service)) return `rpc: can't find method ${name}`;
    }
    return `rpc: can't find service ${name}`;
  }

  private endWhenDone(): void {
    if (!this.#peerEnded || this.#pending > 0 || this.#over) return;
    this.#stream.end();
    this.end(null);
  }

  private fail(error: unknown): void {
    const reason = error instanceof Error ? error : new ProtocolError(String(error));
    if (this.#resetOnFault) this.#stream.reset(reason);
    this.end(reason);
  }

  private end(reason: Error | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#seconds.unwatch(this);
    this.onClose?.(reason);
    this.#settleClosed(reason);
  }
}

/** An empty text would mean success, so it is replaced. */
function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)) || "unknown error";
}
