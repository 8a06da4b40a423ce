/** Reads what the server answers to the calls of one response. */

import { classWithoutFtl } from "../../engine/tiers.ts";
import { Decoder, INCOMPLETE, string, struct, type Type, uint } from "../../gob/index.ts";

/**
 * Reads the answers of one stream. A successful call is answered with the same bytes on every stream, definitions
 * included, because type ids belong to the server's process. So an answer that was decoded once is recognised later
 * by its bytes.
 */
export class Answers {
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
