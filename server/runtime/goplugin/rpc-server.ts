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
  /** A call that could not be read, and failed alone: its method, and why. */
  onUnreadable?: (method: string, why: string) => void;
  /** Resolves when the other process answers a ping. Without it, half a call is waited for without end. */
  ping?: () => Promise<unknown>;
  seconds?: Seconds;
}

/**
 * Answers calls of the other process. Calls run at the same time and are answered as they finish.
 *
 * A handler that throws, or whose reply does not fit its type, becomes the error of that call alone: the reply
 * is encoded before any byte is sent, because a half-written one would end every later call on the stream.
 *
 * Arguments that cannot be read fail that call. Arguments that never came, because the client failed to encode them
 * and went on with its next call, end that call without an answer: the client has given it up. Any other fault ends
 * the stream.
 */
export class RpcServer {
  static {
    classWithoutFtl(RpcServer);
  }

  /** Resolves when the stream is over: null after a regular end, else the reason. */
  readonly closed: Promise<Error | null>;
  /** The same, at once. */
  onClose: ((reason: Error | null) => void) | null = null;

  readonly #stream: Stream;
  readonly #encoder: Encoder;
  readonly #decoder: Decoder;
  readonly #methods = new Map<string, Method>();
  readonly #settleClosed: (reason: Error | null) => void;
  readonly #onUnreadable: ((method: string, why: string) => void) | undefined;
  readonly #ping: (() => Promise<unknown>) | undefined;
  readonly #seconds: Seconds;
  readonly #stall = new Stall("calls");
  #chunks = 0;
  #confirming = false;
  #request: Request | null = null;
  #pending = 0;
  #peerEnded = false;
  #over = false;

  constructor(stream: Stream, options: RpcServerOptions = {}) {
    const { registry, onUnreadable, ping, seconds = processSeconds } = options;
    this.#stream = stream;
    this.#onUnreadable = onUnreadable;
    this.#ping = ping;
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

  /** The method of the call whose arguments are being read, or that could not be read. */
  get reading(): string | null {
    return this.#request?.ServiceMethod ?? null;
  }

  /** Called by the clock. */
  everySecond(): void {
    const midCall = this.#request !== null || this.#decoder.isMidValue;
    // When we stopped reading, the rest may be there.
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
      // The process is paused, or gone.
    } finally {
      this.#confirming = false;
    }
  }

  /** Serves `method` ("Service.Method"). An error of the handler reaches the caller as text. */
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

  /** False while a part of the call is missing. */
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

  /** The words of Go's net/rpc: hosts and plugins tell by them that the other side is older. */
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
    this.#stream.reset(reason);
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

/** An empty text would mean success. */
function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)) || "unknown error";
}
