/** A yamux session: which frame concerns which stream, how many streams there are, and how it ends. */

import { classWithoutFtl } from "../engine/tiers.ts";
import { ConnectionLost, LimitReached, ProtocolError, StreamReset } from "./errors.ts";
import {
  ACK,
  FIN,
  GO_AWAY,
  GO_AWAY_INTERNAL_ERROR,
  GO_AWAY_NORMAL,
  GO_AWAY_PROTOCOL_ERROR,
  goneAway,
  PING,
  RST,
  SYN,
  WINDOW_UPDATE,
} from "./frame.ts";
import { type FrameListener, FrameReader } from "./frame-reader.ts";
import { CLOSE_TIMEOUT_MS } from "./limits.ts";
import { Openings } from "./openings.ts";
import { Output } from "./output.ts";
import { Pings } from "./pings.ts";
import { type Connection, defaults, type Role, type SessionOptions } from "./session-options.ts";
import { type Carrier, Stream } from "./stream.ts";

/**
 * A yamux session: many streams over one connection (hashicorp/yamux spec.md).
 *
 * When the socket is full, data waits in its own stream, so control frames never queue behind megabytes.
 */
export class Session {
  static {
    classWithoutFtl(Session);
  }

  /** Called for each stream the peer opens, already accepted. Without a handler, or at GOAWAY, it is reset. */
  onStream: ((stream: Stream) => void) | null = null;
  /** Called when the peer accepts no more streams of ours. */
  onGoAway: (() => void) | null = null;
  /** Resolves when the session is over: with null after a regular end, else with the error. Never rejects. */
  readonly closed: Promise<Error | null>;

  readonly #isServer: boolean;
  readonly #maxOpenStreams: number;
  readonly #maxInboxBytes: number;
  readonly #report: (error: unknown) => void;
  readonly #settleClosed: (reason: Error | null) => void;

  readonly #streams = new Map<number, Stream>();
  #nextId: number;
  readonly #openings: Openings;
  readonly #pings = new Pings();
  readonly #input: FrameReader;
  readonly #output: Output;
  #inboxBytes = 0;

  #receivedBytes = 0;
  /** The stream whose body is being read; null: it is over, and the body is dropped. */
  #body: Stream | null = null;
  #bodyEndsStream = false;

  #goingAway = false;
  #peerGoingAway = false;
  #closing: ReturnType<typeof setTimeout> | null = null;
  #over = false;
  readonly #sweep: ReturnType<typeof setInterval>;
  readonly #carrier: Carrier;

  constructor(connection: Connection, role: Role, options: SessionOptions = {}) {
    this.#isServer = role === "server";
    this.#nextId = this.#isServer ? 2 : 1;
    const { halfClosedTimeoutMs, ...limits } = { ...defaults, ...options };
    this.#maxOpenStreams = limits.maxOpenStreams;
    this.#maxInboxBytes = limits.maxInboxBytes;
    this.#report = limits.report;
    this.#openings = new Openings(limits.maxUnacknowledgedStreams);
    this.#input = new FrameReader(this.makeListener());
    this.#output = new Output(connection, {
      sent: () => this.#closing && this.finish(null),
      // The connection has ended, but `disconnected` has not been called yet.
      gone: () => this.finish(null),
      overflow: () => this.abort(new LimitReached("yamux: the peer sends but does not read")),
    });
    ({ promise: this.closed, resolve: this.#settleClosed } = Promise.withResolvers<Error | null>());
    this.#carrier = this.makeCarrier();
    this.#sweep = setInterval(() => {
      for (const stream of [...this.#streams.values()]) stream.resetIfAbandoned();
    }, halfClosedTimeoutMs);
    this.#sweep.unref();
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** Frames included. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get isClosed(): boolean {
    return this.#over;
  }

  /**
   * Opens a stream without a round trip: bytes written in the same turn travel with the SYN. While too many streams
   * are unacknowledged it waits for a place; a stream that gets none `withinMs` fails.
   */
  open({ withinMs = Number.POSITIVE_INFINITY } = {}): Stream {
    if (this.#over || this.#closing) throw new ConnectionLost();
    if (this.#peerGoingAway) throw new ConnectionLost("the peer accepts no new streams (go away)");
    if (this.#streams.size >= this.#maxOpenStreams) {
      throw new LimitReached(`yamux: ${this.#maxOpenStreams} streams are open`);
    }
    if (this.#nextId > 0xffff_fffd) throw new LimitReached("yamux: stream ids are used up");
    const id = this.#nextId;
    this.#nextId += 2;
    const mustWait = this.#openings.isFull;
    const stream = new Stream(id, this.#carrier, mustWait ? "ours, waiting" : "ours");
    this.#streams.set(id, stream);
    if (mustWait) {
      this.#openings.wait(stream, withinMs);
    } else {
      this.#openings.take();
      this.#output.announce(stream);
    }
    return stream;
  }

  /** Measures a round trip. Resolves with milliseconds. */
  ping(): Promise<number> {
    if (this.#over) return Promise.reject(new ConnectionLost());
    return this.#pings.measure((value) => this.#output.control(PING, SYN, 0, value));
  }

  /** Asks the peer to open no more streams; open ones continue. */
  goAway(): void {
    if (this.#goingAway || this.#over) return;
    this.#goingAway = true;
    this.#output.control(GO_AWAY, 0, 0, GO_AWAY_NORMAL);
  }

  /** Sends what was written, then closes the connection. Streams still open are reset. */
  close(): void {
    if (this.#over || this.#closing) return;
    this.goAway();
    this.#closing = setTimeout(() => this.finish(null), CLOSE_TIMEOUT_MS);
    this.#output.flush();
  }

  // ── From here on: called by the owner of the connection ───────────────────────────────────────

  /** Receives bytes of the connection, cut anywhere. The session keeps views of them, so they must not change. */
  receive(chunk: Uint8Array): void {
    if (this.#over) return;
    this.#receivedBytes += chunk.length;
    try {
      this.#input.read(chunk);
    } catch (error) {
      this.abort(error instanceof Error ? error : new ProtocolError(String(error)));
    }
  }

  /** Called when the connection has room again after a short write. */
  drained(): void {
    if (this.#output.congested) this.#output.flush();
  }

  /** Called when the connection has ended. */
  disconnected(cause?: unknown): void {
    this.finish(cause === undefined ? null : new ConnectionLost(undefined, { cause }));
  }

  // ── Input ─────────────────────────────────────────────────────────────────────────────────────

  private makeListener(): FrameListener {
    const session = this;
    return {
      get isClosed() {
        return session.#over;
      },
      header: ({ type, flags, streamId, length }) => {
        if (type === PING) this.handlePing(flags, length);
        else if (type === GO_AWAY) this.handleGoAway(length);
        else this.handleStreamFrame(type, flags, streamId, length);
      },
      body: (bytes) => this.#body?.receive(bytes),
      bodyEnd: () => this.endBody(),
    };
  }

  private handleStreamFrame(type: number, flags: number, streamId: number, length: number): void {
    if (flags & SYN) this.handleSyn(streamId);
    const stream = this.#streams.get(streamId);
    if (stream) {
      if (flags & RST) stream.fail(new StreamReset());
      else stream.acknowledge();
    }
    if (type === WINDOW_UPDATE) {
      stream?.receiveWindow(length);
      if (flags & FIN) stream?.receiveFin();
      return;
    }
    stream?.announceData(length);
    // Frames of a stream we reset may still arrive: their bodies are read and dropped.
    this.#body = stream ?? null;
    this.#bodyEndsStream = (flags & FIN) !== 0;
  }

  private endBody(): void {
    const stream = this.#body;
    this.#body = null;
    if (this.#bodyEndsStream) stream?.receiveFin();
  }

  private handleSyn(id: number): void {
    if (id === 0 || (id % 2 === 1) !== this.#isServer) {
      throw new ProtocolError(`yamux: stream id ${id} is not one the peer may open`);
    }
    if (this.#streams.has(id)) throw new ProtocolError(`yamux: stream ${id} is opened twice`);
    if (!this.onStream || this.#goingAway || this.#streams.size >= this.#maxOpenStreams) {
      this.#output.control(WINDOW_UPDATE, RST, id, 0);
      return;
    }
    const stream = new Stream(id, this.#carrier, "peer");
    this.#streams.set(id, stream);
    stream.accept();
    try {
      this.onStream(stream);
    } catch (error) {
      this.#report(error);
      stream.reset();
    }
  }

  private handlePing(flags: number, value: number): void {
    if (flags & SYN) this.#output.control(PING, ACK, 0, value);
    else this.#pings.answered(value);
  }

  private handleGoAway(reason: number): void {
    if (reason !== GO_AWAY_NORMAL) throw goneAway(reason);
    this.#peerGoingAway = true;
    this.onGoAway?.();
  }

  /** Makes the interface through which streams use their session. */
  private makeCarrier(): Carrier {
    const session = this;
    return {
      get congested() {
        return session.#output.isFull;
      },
      get drained() {
        return session.#output.isDrained;
      },
      data: (flags, streamId, parts, length) => this.#output.data(flags, streamId, parts, length),
      window: (flags, streamId, delta) => this.#output.control(WINDOW_UPDATE, flags, streamId, delta),
      awaitRoom: (stream) => this.#output.awaitRoom(stream),
      hold: (bytes) => {
        this.#inboxBytes += bytes;
        return this.#inboxBytes <= this.#maxInboxBytes;
      },
      sentSyn: (stream) => this.#openings.sent(stream),
      accepted: (stream) => this.#openings.acceptedUpTo(stream),
      gaveUpPlace: (stream) => this.#openings.gaveUp(stream),
      forget: (stream) => {
        this.#streams.delete(stream.id);
        this.#openings.forget(stream);
        this.#output.forget(stream);
      },
      report: this.#report,
    };
  }

  // ── The end ───────────────────────────────────────────────────────────────────────────────────

  /** The peer broke the protocol: sends the reason if the socket allows, then ends the session. */
  private abort(reason: Error): void {
    if (this.#over) return;
    const code = reason instanceof ProtocolError ? GO_AWAY_PROTOCOL_ERROR : GO_AWAY_INTERNAL_ERROR;
    this.#output.last(GO_AWAY, 0, 0, code);
    this.finish(reason);
  }

  private finish(reason: Error | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#output.stop();
    clearInterval(this.#sweep);
    if (this.#closing) clearTimeout(this.#closing);
    const lost = reason ?? new ConnectionLost();
    for (const stream of [...this.#streams.values()]) stream.fail(lost);
    this.#pings.end(lost);
    this.#body = null;
    this.#output.end();
    this.#settleClosed(reason);
  }
}
