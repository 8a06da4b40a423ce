import { classWithoutFtl } from "../engine/tiers.ts";
import { Decoder, Encoder, INCOMPLETE, type Registry, type Type } from "../gob/index.ts";
import { ConnectionLost, LimitReached, ProtocolError, RpcError } from "./errors.ts";
import { MAX_PENDING_CALLS } from "./limits.ts";
import { type Response, requestType, responseType } from "./rpc.ts";
import type { Stream } from "./stream.ts";

interface PendingCall {
  reply: Type<unknown>;
  resolve(reply: unknown): void;
  reject(error: Error): void;
}

/**
 * Calls methods of the other process, many at a time on one stream.
 *
 * A Go server runs each call in a goroutine of its own: calls that must happen in order are awaited one by one.
 * There is no deadline; a call ends with its answer or with the connection.
 */
export class RpcClient {
  static {
    classWithoutFtl(RpcClient);
  }

  /** The stream is over, by us, the peer or a broken protocol. Calls fail from now on. */
  onClose: ((reason: Error) => void) | null = null;

  readonly #stream: Stream;
  readonly #encoder: Encoder;
  readonly #decoder: Decoder;
  readonly #pending = new Map<number, PendingCall>();
  #nextSeq = 0;
  #response: Response | null = null;
  #lost: Error | null = null;

  constructor(stream: Stream, registry?: Registry) {
    this.#stream = stream;
    this.#encoder = new Encoder(registry ? { registry } : {});
    this.#decoder = new Decoder(registry ? { registry } : {});
    stream.onReset = (reason) => this.end(reason);
    stream.onEnd = () => this.close();
    stream.onData = (chunk) => this.receive(chunk);
    if (stream.closed) this.end(new ConnectionLost());
  }

  get pendingCalls(): number {
    return this.#pending.size;
  }

  /**
   * Calls `method` ("Service.Method").
   * @throws RpcError what the other side answered; ConnectionLost, StreamReset or ProtocolError when there is
   * no answer; GobError when `value` does not fit `args` (nothing was sent); LimitReached.
   */
  call<A, R>(method: string, args: Type<A>, value: A, reply: Type<R>): Promise<R> {
    if (this.#lost) return Promise.reject(this.#lost);
    if (this.#pending.size >= MAX_PENDING_CALLS) {
      return Promise.reject(new LimitReached(`rpc: ${MAX_PENDING_CALLS} calls are under way`));
    }
    return new Promise<R>((resolve, reject) => {
      const seq = this.#nextSeq;
      const bytes = this.#encoder.encodePair(requestType, { ServiceMethod: method, Seq: seq }, args, value);
      this.#nextSeq++;
      this.#pending.set(seq, {
        reply: reply as Type<unknown>,
        resolve: resolve as (reply: unknown) => void,
        reject,
      });
      this.#stream.write(bytes);
    });
  }

  /** Ends the stream; calls under way fail. */
  close(): void {
    this.#stream.end();
    this.end(new ConnectionLost("the rpc stream is closed"));
  }

  private receive(chunk: Uint8Array): void {
    if (this.#lost) return;
    try {
      this.#decoder.push(chunk);
      while (this.readAnswer());
    } catch (error) {
      const reason = error instanceof Error ? error : new ProtocolError(String(error));
      this.#stream.reset(reason);
      this.end(reason);
    }
  }

  /** False when the rest of the answer is still to come. */
  private readAnswer(): boolean {
    if (!this.#response) {
      const response = this.#decoder.read(responseType);
      if (response === INCOMPLETE) return false;
      this.#response = response;
    }
    const { Seq, Error: message } = this.#response;
    const call = this.#pending.get(Seq);
    if (!call) throw new ProtocolError("rpc: an answer to a call that was not made");
    if (message !== "") {
      if (!this.#decoder.skip()) return false;
      call.reject(new RpcError(message));
    } else {
      const reply = this.#decoder.read(call.reply);
      if (reply === INCOMPLETE) return false;
      call.resolve(reply);
    }
    this.#pending.delete(Seq);
    this.#response = null;
    return true;
  }

  private end(reason: Error): void {
    if (this.#lost) return;
    this.#lost = reason;
    for (const call of this.#pending.values()) call.reject(reason);
    this.#pending.clear();
    this.onClose?.(reason);
  }
}
