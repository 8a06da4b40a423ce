/** One yamux stream. Longer than 300 lines: its reading and writing halves end each other, as one state machine. */

import { classWithoutFtl } from "../engine/tiers.ts";
import { ByteQueue } from "./byte-queue.ts";
import { LimitReached, ProtocolError, StreamReset } from "./errors.ts";
import { ACK, FIN, RST, SYN } from "./frame.ts";
import { INITIAL_WINDOW_BYTES, MAX_HELD_BYTES } from "./limits.ts";

/** What a stream needs from its session. */
export interface Carrier {
  /** The socket is full: data waits in its stream until `roomAgain` is called. */
  readonly congested: boolean;
  /** The socket has taken everything that streams gave to `data`. */
  readonly drained: boolean;
  data(flags: number, streamId: number, parts: readonly Uint8Array[], length: number): void;
  /** Sends a window frame; with `delta` 0 it only carries flags. */
  window(flags: number, streamId: number, delta: number): void;
  /** Calls `roomAgain` once the socket has taken everything. */
  awaitRoom(stream: Stream): void;
  /** Counts received bytes that nobody has consumed yet. Returns false when the session holds too many. */
  hold(bytes: number): boolean;
  /** Called when our SYN has been sent. */
  sentSyn(stream: Stream): void;
  /** Called when the peer has accepted the stream, and with it those whose SYNs were sent before. */
  accepted(stream: Stream): void;
  /** Called when a stream ends before it was accepted: its place among the unacknowledged ones is free. */
  gaveUpPlace(stream: Stream): void;
  forget(stream: Stream): void;
  /** Reports an error that a callback of the application threw. */
  report(error: unknown): void;
}

/** How far the opening of our own stream is. Streams of the peer start as `open`. */
type Opening = "waiting" | "unsent" | "sent" | "open";

/** Who opened the stream; "ours, waiting" when too many of ours are still unacknowledged. */
export type Origin = "peer" | "ours" | "ours, waiting";

/**
 * One ordered, flow-controlled, bidirectional stream of bytes.
 *
 *   write/end ─▶ held ─(window of the peer, room in the socket)─▶ frames
 *   frames ─▶ inbox ─(onData set, not paused)─▶ onData; half a window consumed ─▶ window update
 *
 * Half close as in TCP: after `end` data still arrives until the peer ends too.
 * Bytes given to `write` belong to the stream: large ones are sent without a copy, so they must not change.
 * Chunks given to `onData` are views of the socket's buffers; copy bytes that you keep for long.
 */
export class Stream {
  static {
    classWithoutFtl(Stream);
  }

  readonly id: number;
  /** Called when the peer writes no more: after the last `onData`, and like it only once `onData` is set. */
  onEnd: (() => void) | null = null;
  /** Called when the stream was cut: RST, a protocol error, or the end of the connection. Nothing follows. */
  onReset: ((reason: Error) => void) | null = null;
  /** Called after `write` returned false, once everything written has been sent. */
  onDrain: (() => void) | null = null;

  readonly #carrier: Carrier;
  #opening: Opening;
  #onData: ((chunk: Uint8Array) => void) | null = null;
  #over: Error | null = null;

  #sendWindow = INITIAL_WINDOW_BYTES;
  #held: ByteQueue | null = null;
  #refused = false;
  #ending = false;
  /** Resolves what `sent` returned. */
  #onSent: ((isSent: boolean) => void) | null = null;
  #sentFin = false;

  #receiveWindow = INITIAL_WINDOW_BYTES;
  #consumed = 0;
  #inbox: ByteQueue | null = null;
  #expected: Uint8Array | null = null;
  /** The application reset the stream; the RST is sent after the expected bytes. */
  #resetting = false;
  #paused = false;
  #receivedFin = false;
  #endReported = false;
  #silent = false;

  constructor(id: number, carrier: Carrier, origin: Origin) {
    this.id = id;
    this.#carrier = carrier;
    this.#opening = origin === "peer" ? "open" : origin === "ours" ? "unsent" : "waiting";
  }

  /** Receives the bytes of the peer; bytes that arrived before it was set follow at once. */
  get onData(): ((chunk: Uint8Array) => void) | null {
    return this.#onData;
  }
  set onData(handler: ((chunk: Uint8Array) => void) | null) {
    this.#onData = handler;
    if (handler && this.hasNews()) queueMicrotask(() => this.deliver());
  }

  /** Bytes written but not yet given to the socket. */
  get heldBytes(): number {
    return this.#held?.length ?? 0;
  }

  /** True when both sides have ended the stream, or one ended it by force. */
  get closed(): boolean {
    return this.#over !== null || (this.#sentFin && this.#receivedFin);
  }

  /**
   * Sends the parts one after the other, in one frame where the window allows.
   * @returns false when something had to wait; `onDrain` is called when it has been sent. Nothing is lost.
   */
  write(...parts: Uint8Array[]): boolean {
    if (this.#over) return false;
    if (this.#ending) throw new Error("write after end of stream");
    let length = 0;
    for (const part of parts) length += part.length;
    if (length === 0) return this.heldBytes === 0;
    const sendable = this.heldBytes === 0 && this.#opening !== "waiting" && !this.#carrier.congested;
    if (sendable && length <= this.#sendWindow) {
      this.#sendWindow -= length;
      this.#carrier.data(this.synOnce(), this.id, parts, length);
      return true;
    }
    if (this.heldBytes + length > MAX_HELD_BYTES) {
      this.reset(new LimitReached(`stream ${this.id}: more than ${MAX_HELD_BYTES} bytes wait for the peer`));
      return false;
    }
    this.#held ??= new ByteQueue();
    for (const part of parts) this.#held.push(part);
    this.pump();
    this.#refused = this.heldBytes > 0;
    return !this.#refused;
  }

  /**
   * Resolves with true when the socket has taken all that was written: the memory of it may be used for other things.
   * False: the stream is over, and a part of it may still be on its way to the socket.
   */
  sent(): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#over) resolve(false);
      else if (this.heldBytes === 0 && this.#carrier.drained) resolve(true);
      else {
        this.#onSent = resolve;
        if (this.heldBytes === 0) this.#carrier.awaitRoom(this);
      }
    });
  }

  /** Half close: sends these bytes and then writes no more. */
  end(...parts: Uint8Array[]): void {
    if (this.#over || this.#ending) return;
    this.write(...parts);
    this.#ending = true;
    this.pump();
  }

  /**
   * Ends the stream at once in both directions and calls `onReset` with `reason`. The peer only sees RST, after it
   * has sent the bytes that `expect` waits for.
   */
  reset(reason: Error = new StreamReset("stream was reset by us")): void {
    if (this.#over) return;
    const known = this.#opening === "sent" || this.#opening === "open";
    if (known && !this.closed) {
      // On a RST hashicorp/yamux drops unread bytes, including the name of a broker stream; its side then waits 5 s
      // for a stream that no longer exists.
      if (this.#expected) this.#resetting = true;
      else this.#carrier.window(RST, this.id, 0);
    }
    this.fail(reason);
  }

  /** Stops `onData`; the peer stops sending when the window is used up. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.hasNews()) queueMicrotask(() => this.deliver());
  }

  /** The next bytes of the peer must equal these and are not delivered (the broker's acknowledgement). */
  expect(bytes: Uint8Array): void {
    this.#expected = bytes;
  }

  /** Puts bytes back in front of those not yet delivered. */
  unshift(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#inbox ??= new ByteQueue();
    this.#inbox.unshift(bytes);
    this.#consumed -= bytes.length;
    this.#carrier.hold(bytes.length);
  }

  // ── From here on: called by the session only ──────────────────────────────────────────────────

  /** The socket has taken everything that this stream and others gave to the session. */
  roomAgain(): void {
    if (this.heldBytes === 0) this.tellSent(true);
    this.pump();
  }

  /** Sends what the peer's window and the socket allow. */
  pump(): void {
    if (this.#over || this.#opening === "waiting") return;
    while (this.#held && this.#held.length > 0) {
      if (this.#carrier.congested) {
        this.#carrier.awaitRoom(this);
        return;
      }
      if (this.#sendWindow === 0) return;
      const length = Math.min(this.#held.length, this.#sendWindow);
      this.#sendWindow -= length;
      this.#carrier.data(this.synOnce(), this.id, this.#held.take(length), length);
    }
    if (this.#ending && !this.#sentFin) {
      // FIN never goes on a data frame: hashicorp/yamux handles FIN before it reads the body, and a reader that wakes
      // in between sees the end of the stream and misses the last bytes.
      this.#sentFin = true;
      this.#carrier.window(this.synOnce() | FIN, this.id, 0);
      if (this.#receivedFin) this.leave();
    }
    if (this.#onSent) this.#carrier.awaitRoom(this);
    if (this.#refused) {
      this.#refused = false;
      this.call(this.onDrain);
    }
  }

  private tellSent(isSent: boolean): void {
    this.#onSent?.(isSent);
    this.#onSent = null;
  }

  /**
   * Sends the SYN alone when nothing was written in the turn that opened the stream. The name of a broker stream goes
   * with its SYN even when the socket is full: the other side reads the name before it accepts further streams, and a
   * reset of this stream would take the name back.
   */
  announce(): void {
    if (this.#opening !== "unsent" || this.#over) return;
    const name = Math.min(this.#expected?.length ?? 0, this.heldBytes);
    if (name === 0) {
      this.#carrier.window(this.synOnce(), this.id, 0);
      return;
    }
    this.#sendWindow -= name;
    this.#carrier.data(this.synOnce(), this.id, this.#held?.take(name) ?? [], name);
  }

  /** Called when a place among the unacknowledged streams is free for this one. */
  admit(): void {
    this.#opening = "unsent";
    this.pump();
    this.announce();
  }

  /**
   * Any frame of the peer except RST proves that it has accepted the stream; hashicorp omits the ACK when our FIN was
   * faster.
   */
  acknowledge(): void {
    if (this.#opening === "sent") this.#carrier.accepted(this);
  }

  /** Called when the peer has accepted the stream. */
  opened(): void {
    this.#opening = "open";
  }

  /** Accepts a stream of the peer. Called at once: hashicorp/yamux closes the session after 75 s without an ACK. */
  accept(): void {
    this.#carrier.window(ACK, this.id, 0);
  }

  /** Called with the length in a data frame's header: checks that the peer may send that much. */
  announceData(length: number): void {
    if (this.#over) return;
    this.#silent = false;
    if (this.#receivedFin) throw new ProtocolError(`yamux: data after the end of stream ${this.id}`);
    if (length > this.#receiveWindow) {
      throw new ProtocolError(
        `yamux: ${length} bytes on stream ${this.id}, whose window is ${this.#receiveWindow}`,
      );
    }
    this.#receiveWindow -= length;
  }

  receive(chunk: Uint8Array): void {
    if (this.#resetting) this.resetAfter(chunk.length);
    if (this.#over) return;
    const bytes = this.#expected ? this.checkExpected(chunk) : chunk;
    if (bytes.length === 0) return;
    if (this.#onData && !this.#paused && !this.#inbox?.length) {
      this.pass(bytes);
      return;
    }
    this.#inbox ??= new ByteQueue();
    // A small view would keep the whole read buffer of the socket alive until somebody reads it.
    this.#inbox.push(bytes.length * 2 < bytes.buffer.byteLength ? bytes.slice() : bytes);
    if (!this.#carrier.hold(bytes.length)) {
      this.reset(new LimitReached("the session holds too many bytes that nobody reads"));
    }
  }

  receiveWindow(delta: number): void {
    if (this.#over || delta === 0) return;
    this.#silent = false;
    this.#sendWindow += delta;
    if (this.#sendWindow > 0xffff_ffff) {
      throw new ProtocolError(`yamux: the window of stream ${this.id} exceeds 32 bits`);
    }
    if (this.#held) this.pump();
  }

  receiveFin(): void {
    if (this.#resetting) this.finishReset();
    if (this.#over) return;
    if (this.#receivedFin) throw new ProtocolError(`yamux: second end of stream ${this.id}`);
    this.#receivedFin = true;
    if (this.#sentFin) this.leave();
    this.deliver();
  }

  /** Ends the stream by force without sending a frame. */
  fail(reason: Error): void {
    if (this.#over) {
      if (this.#resetting) this.leave();
      this.#resetting = false;
      return;
    }
    const finished = this.closed && this.#endReported;
    this.#over = reason;
    this.#held = null;
    this.#carrier.hold(-(this.#inbox?.length ?? 0));
    this.#inbox = null;
    this.tellSent(false);
    if (!this.#resetting) this.leave();
    if (!finished) this.call(this.onReset, reason);
  }

  /**
   * Called every HALF_CLOSED_TIMEOUT_MS: resets the stream when we have ended it and the peer has been silent since.
   */
  resetIfAbandoned(): void {
    const over = this.#sentFin || this.#resetting;
    const abandoned = over && this.#silent;
    this.#silent = over;
    if (!abandoned) return;
    if (this.#resetting) this.finishReset();
    else this.reset(new StreamReset("the peer never ended the stream"));
  }

  private synOnce(): number {
    if (this.#opening !== "unsent") return 0;
    this.#opening = "sent";
    this.#carrier.sentSyn(this);
    return SYN;
  }

  private checkExpected(chunk: Uint8Array): Uint8Array {
    const expected = this.#expected as Uint8Array;
    const length = Math.min(expected.length, chunk.length);
    for (let i = 0; i < length; i++) {
      if (chunk[i] === expected[i]) continue;
      this.#expected = null;
      this.reset(new ProtocolError(`broker: stream ${this.id} was acknowledged with another id`));
      return chunk.subarray(chunk.length);
    }
    this.#expected = length < expected.length ? expected.subarray(length) : null;
    this.consume(length);
    return chunk.subarray(length);
  }

  private resetAfter(length: number): void {
    const left = this.#expected?.subarray(length);
    this.#expected = left?.length ? left : null;
    if (!this.#expected) this.finishReset();
  }

  private finishReset(): void {
    this.#resetting = false;
    this.#carrier.window(RST, this.id, 0);
    this.leave();
  }

  private hasNews(): boolean {
    return !!this.#inbox?.length || (this.#receivedFin && !this.#endReported);
  }

  /** Delivers the inbox as far as the application accepts it, then reports the end. */
  private deliver(): void {
    while (this.#inbox?.length) {
      if (!this.#onData || this.#paused || this.#over) return;
      const chunk = this.#inbox.shift() as Uint8Array;
      this.#carrier.hold(-chunk.length);
      this.pass(chunk);
    }
    if (this.#over || !this.#receivedFin || this.#endReported || this.#paused || !this.#onData) return;
    this.#endReported = true;
    this.call(this.onEnd);
  }

  private pass(chunk: Uint8Array): void {
    this.call(this.#onData, chunk);
    this.consume(chunk.length);
  }

  private consume(length: number): void {
    this.#consumed += length;
    if (this.#consumed < INITIAL_WINDOW_BYTES / 2 || this.#receivedFin || this.#over) return;
    this.#receiveWindow += this.#consumed;
    this.#carrier.window(0, this.id, this.#consumed);
    this.#consumed = 0;
  }

  private leave(): void {
    const hadPlace = this.#opening === "sent" || this.#opening === "unsent";
    this.#opening = "open";
    if (hadPlace) this.#carrier.gaveUpPlace(this);
    this.#carrier.forget(this);
    this.tellSent(false);
  }

  private call<A extends unknown[]>(callback: ((...args: A) => void) | null, ...args: A): void {
    try {
      callback?.(...args);
    } catch (error) {
      this.#carrier.report(error);
      this.reset(error instanceof Error ? error : new StreamReset(String(error)));
    }
  }
}
