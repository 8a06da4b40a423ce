import { classWithoutFtl } from "../engine/tiers.ts";
import { ConnectionLost, LimitReached, StreamReset } from "./errors.ts";
import { BROKER_TIMEOUT_MS, MAX_WAITING_BROKER_STREAMS } from "./limits.ts";
import type { Session } from "./session.ts";
import type { Stream } from "./stream.ts";

/**
 * Opens further streams between the two sides (go-plugin's MuxBroker). A broker stream begins with its id:
 *
 *   dialling side  ─▶  ┌────────────────┐  ─▶  payload …
 *                      │ id: u32, LE(!) │
 *   accepting side ◀─  └────────────────┘  ◀─  the same 4 bytes, then payload …
 *
 * The accepting side takes an id from its own `nextId` and sends it to the other side in an rpc call. Each side has
 * its own id space. The dialling side need not wait for the 4 bytes to come back.
 */
export class Broker {
  static {
    classWithoutFtl(Broker);
  }

  readonly #session: Session;
  readonly #timeoutMs: number;
  #lastId = 0;
  readonly #accepting = new Map<number, (stream: Stream) => void>();
  readonly #waiting = new Map<number, { stream: Stream; timer: ReturnType<typeof setTimeout> }>();

  constructor(session: Session, timeoutMs: number = BROKER_TIMEOUT_MS) {
    this.#session = session;
    this.#timeoutMs = timeoutMs;
  }

  /** Resolves when the other process answers. Rejects after 10 s without an answer, or when the process has ended. */
  ping(): Promise<number> {
    return this.#session.ping();
  }

  /** Returns an id for `accept`, to be sent to the other side. */
  nextId(): number {
    this.#lastId = (this.#lastId + 1) >>> 0;
    return this.#lastId;
  }

  /** Waits until the other side dials `id`. Rejects after 5 s, when the other side gives up too. */
  accept(id: number): Promise<Stream> {
    const early = this.#waiting.get(id);
    if (early) {
      clearTimeout(early.timer);
      this.#waiting.delete(id);
      early.stream.onReset = null;
      early.stream.write(encodeId(id));
      return Promise.resolve(early.stream);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#accepting.delete(id);
        reject(new ConnectionLost(`broker: nobody dialled ${id} within ${this.#timeoutMs} ms`));
      }, this.#timeoutMs);
      this.#accepting.set(id, (stream) => {
        clearTimeout(timer);
        stream.write(encodeId(id));
        resolve(stream);
      });
    });
  }

  /**
   * Opens the stream that the other side accepts as `id`. Data written in the same turn travels with the SYN. A
   * stream that cannot be opened within the broker timeout is dropped: the other side has given up by then, and a
   * late stream would only delay others.
   */
  dial(id: number): Stream {
    const stream = this.#session.open({ withinMs: this.#timeoutMs });
    const name = encodeId(id);
    stream.expect(name);
    stream.write(name);
    return stream;
  }

  /** Takes a stream that the other side opened, reads its id and passes it to the caller who accepts that id. */
  receive(stream: Stream): void {
    const id = new Uint8Array(4);
    let have = 0;
    const timer = setTimeout(() => stream.reset(new StreamReset("broker: no id")), this.#timeoutMs);
    stream.onReset = () => clearTimeout(timer);
    stream.onEnd = () => stream.reset(new StreamReset("broker: no id"));
    stream.onData = (chunk) => {
      const taken = Math.min(4 - have, chunk.length);
      id.set(chunk.subarray(0, taken), have);
      have += taken;
      if (have < 4) return;
      clearTimeout(timer);
      stream.onData = null;
      stream.onEnd = null;
      stream.onReset = null;
      stream.unshift(chunk.subarray(taken));
      this.arrived(decodeId(id), stream);
    };
  }

  private arrived(id: number, stream: Stream): void {
    const accept = this.#accepting.get(id);
    if (accept) {
      this.#accepting.delete(id);
      accept(stream);
      return;
    }
    if (this.#waiting.has(id) || this.#waiting.size >= MAX_WAITING_BROKER_STREAMS) {
      stream.reset(new LimitReached(`broker: ${id} is not expected`));
      return;
    }
    const timer = setTimeout(() => {
      stream.reset(new StreamReset(`broker: nobody accepted ${id} within ${this.#timeoutMs} ms`));
    }, this.#timeoutMs);
    stream.onReset = () => {
      clearTimeout(timer);
      this.#waiting.delete(id);
    };
    this.#waiting.set(id, { stream, timer });
  }
}

function encodeId(id: number): Uint8Array {
  return Uint8Array.of(id, id >>> 8, id >>> 16, id >>> 24);
}

function decodeId(bytes: Uint8Array): number {
  return new DataView(bytes.buffer).getUint32(0, true);
}
