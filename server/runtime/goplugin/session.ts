/**
 * A yamux session. It is one state machine for all frames, and therefore one file: limits, windows and shutdown
 * depend on the same fields.
 */

import { classWithoutFtl } from "../engine/tiers.ts";
import { ConnectionLost, LimitReached, ProtocolError, StreamReset } from "./errors.ts";
import {
  ACK,
  DATA,
  FIN,
  GO_AWAY,
  GO_AWAY_INTERNAL_ERROR,
  GO_AWAY_NORMAL,
  GO_AWAY_PROTOCOL_ERROR,
  HEADER_BYTES,
  type Header,
  PING,
  RST,
  readHeader,
  SYN,
  WINDOW_UPDATE,
  writeHeader,
} from "./frame.ts";
import {
  CLOSE_TIMEOUT_MS,
  HALF_CLOSED_TIMEOUT_MS,
  MAX_INBOX_BYTES,
  MAX_OPEN_STREAMS,
  MAX_OUTPUT_BYTES,
  MAX_UNACKNOWLEDGED_STREAMS,
  OUTPUT_BUFFER_BYTES,
  OUTPUT_HIGH_WATER_BYTES,
  PATIENT_OPENING_MS,
  PING_TIMEOUT_MS,
  SCATTER_BYTES,
} from "./limits.ts";
import { type Carrier, Stream } from "./stream.ts";

/** The connection below a session (a unix socket). The owner calls `receive`, `drained` and `disconnected`. */
export interface Connection {
  /**
   * Takes as many bytes as fit now and returns how many; after a short write, `drained` is called when there is room
   * again.
   */
  write(bytes: Uint8Array): number;
  /** Closes the connection; bytes already taken are still sent. */
  end(): void;
}

/** go-plugin: the plugin is the yamux server, the host the client. Streams of a client have odd ids. */
export type Role = "server" | "client";

export interface SessionOptions {
  maxOpenStreams?: number;
  maxUnacknowledgedStreams?: number;
  maxInboxBytes?: number;
  halfClosedTimeoutMs?: number;
  /** Where errors thrown by callbacks go; default: thrown again outside the session, as uncaught. */
  report?: (error: unknown) => void;
}

/**
 * A yamux session: many streams over one connection (hashicorp/yamux spec.md).
 *
 * All frames of one turn of the event loop leave in one write. Bodies above SCATTER_BYTES are not copied. When the
 * socket is full, data waits in its own stream, so control frames never queue behind megabytes.
 */
export class Session {
  static {
    classWithoutFtl(Session);
  }

  /**
   * Called for each stream the peer opens. It is already accepted; without a handler, or in a session going away, it
   * is reset.
   */
  onStream: ((stream: Stream) => void) | null = null;
  /** Called when the peer accepts no more streams of ours. */
  onGoAway: (() => void) | null = null;
  /** Resolves when the session is over: with null after a regular end, else with the error. Never rejects. */
  readonly closed: Promise<Error | null>;

  readonly #connection: Connection;
  readonly #isServer: boolean;
  readonly #maxOpenStreams: number;
  readonly #maxUnacknowledged: number;
  readonly #maxInboxBytes: number;
  readonly #report: (error: unknown) => void;
  readonly #settleClosed: (reason: Error | null) => void;

  readonly #streams = new Map<number, Stream>();
  #nextId: number;
  #unacknowledged = 0;
  /** Streams whose SYN was sent, in this order, and for which nothing came back yet. */
  readonly #unaccepted = new Set<Stream>();
  /** Streams opened beyond the limit of unacknowledged ones, in order; they are sent as places become free. */
  readonly #waitingToOpen = new Map<Stream, { since: number; until: number }>();
  /** The same streams as a stack; it may contain some that no longer wait. */
  #newestWaiting: Stream[] = [];
  #unannounced: Stream[] = [];
  #inboxBytes = 0;

  // Input state: one partly read header, or one partly read body.
  readonly #header: Header = { type: 0, flags: 0, streamId: 0, length: 0 };
  readonly #outgoing: Header = { type: 0, flags: 0, streamId: 0, length: 0 };
  readonly #partialHeader = new Uint8Array(HEADER_BYTES);
  #partialHeaderLength = 0;
  #receivedBytes = 0;
  #body: Stream | null = null;
  #bodyLeft = 0;
  #bodyEndsStream = false;

  // Output state: the segments that wait, then the unsent part of the buffer.
  #buffer = new Uint8Array(OUTPUT_BUFFER_BYTES);
  #bufferStart = 0;
  #bufferEnd = 0;
  #segments: Uint8Array[] = [];
  #segmentBytes = 0;
  #flushScheduled = false;
  #congested = false;
  #awaitingRoom = new Set<Stream>();

  #pings = new Map<number, { sent: number; resolve(ms: number): void; reject(e: Error): void }>();
  #nextPing = 0;
  #goingAway = false;
  #peerGoingAway = false;
  #closing: ReturnType<typeof setTimeout> | null = null;
  #over = false;
  readonly #sweep: ReturnType<typeof setInterval>;
  readonly #carrier: Carrier;

  constructor(connection: Connection, role: Role, options: SessionOptions = {}) {
    this.#connection = connection;
    this.#isServer = role === "server";
    this.#nextId = this.#isServer ? 2 : 1;
    this.#maxOpenStreams = options.maxOpenStreams ?? MAX_OPEN_STREAMS;
    this.#maxUnacknowledged = options.maxUnacknowledgedStreams ?? MAX_UNACKNOWLEDGED_STREAMS;
    this.#maxInboxBytes = options.maxInboxBytes ?? MAX_INBOX_BYTES;
    this.#report = options.report ?? throwOutside;
    const { promise, resolve } = Promise.withResolvers<Error | null>();
    this.closed = promise;
    this.#settleClosed = resolve;
    this.#carrier = this.makeCarrier();
    const sweepMs = options.halfClosedTimeoutMs ?? HALF_CLOSED_TIMEOUT_MS;
    this.#sweep = setInterval(() => this.resetAbandoned(), sweepMs);
    this.#sweep.unref();
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** Number of bytes ever received, including frame headers. */
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
    const mustWait = this.#unacknowledged >= this.#maxUnacknowledged;
    const stream = new Stream(id, this.#carrier, mustWait ? "ours, waiting" : "ours");
    this.#streams.set(id, stream);
    if (mustWait) {
      const since = performance.now();
      this.#waitingToOpen.set(stream, { since, until: since + withinMs });
      this.#newestWaiting.push(stream);
    } else {
      this.#unacknowledged++;
      this.#unannounced.push(stream);
      this.scheduleFlush();
    }
    return stream;
  }

  /** Measures a round trip. Resolves with milliseconds. */
  ping(): Promise<number> {
    if (this.#over) return Promise.reject(new ConnectionLost());
    const value = this.#nextPing;
    this.#nextPing = (value + 1) >>> 0;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const timer = setTimeout(() => {
      this.#pings.delete(value);
      reject(new ConnectionLost(`no answer to a ping within ${PING_TIMEOUT_MS} ms`));
    }, PING_TIMEOUT_MS);
    const sent = performance.now();
    this.#pings.set(value, {
      sent,
      resolve(ms) {
        clearTimeout(timer);
        resolve(ms);
      },
      reject(error) {
        clearTimeout(timer);
        reject(error);
      },
    });
    this.writeControl(PING, SYN, 0, value);
    return promise;
  }

  /** Asks the peer to open no more streams; open ones continue. */
  goAway(): void {
    if (this.#goingAway || this.#over) return;
    this.#goingAway = true;
    this.writeControl(GO_AWAY, 0, 0, GO_AWAY_NORMAL);
  }

  /** Sends what was written, then closes the connection. Streams still open are reset. */
  close(): void {
    if (this.#over || this.#closing) return;
    this.goAway();
    this.#closing = setTimeout(() => this.finish(null), CLOSE_TIMEOUT_MS);
    this.flush();
  }

  // ── From here on: called by the owner of the connection ───────────────────────────────────────

  /** Receives bytes of the connection, cut anywhere. The session keeps views of them, so they must not change. */
  receive(chunk: Uint8Array): void {
    if (this.#over) return;
    this.#receivedBytes += chunk.length;
    try {
      this.parse(chunk);
    } catch (error) {
      this.abort(error instanceof Error ? error : new ProtocolError(String(error)));
    }
  }

  /** Called when the connection has room again after a short write. */
  drained(): void {
    if (this.#congested) this.flush();
  }

  /** Called when the connection has ended. */
  disconnected(cause?: unknown): void {
    this.finish(cause === undefined ? null : new ConnectionLost(undefined, { cause }));
  }

  // ── Input ─────────────────────────────────────────────────────────────────────────────────────

  private parse(chunk: Uint8Array): void {
    const end = chunk.length;
    let at = 0;
    while (at < end && !this.#over) {
      if (this.#bodyLeft > 0) {
        const length = Math.min(this.#bodyLeft, end - at);
        this.#bodyLeft -= length;
        this.#body?.receive(at === 0 && length === end ? chunk : chunk.subarray(at, at + length));
        at += length;
        if (this.#bodyLeft === 0) this.endBody();
      } else if (this.#partialHeaderLength === 0 && end - at >= HEADER_BYTES) {
        readHeader(chunk, at, this.#header);
        at += HEADER_BYTES;
        this.handle();
      } else {
        this.#partialHeader[this.#partialHeaderLength++] = chunk[at++] as number;
        if (this.#partialHeaderLength < HEADER_BYTES) continue;
        this.#partialHeaderLength = 0;
        readHeader(this.#partialHeader, 0, this.#header);
        this.handle();
      }
    }
  }

  private handle(): void {
    const { type, flags, streamId, length } = this.#header;
    if (type === PING) this.handlePing(flags, length);
    else if (type === GO_AWAY) this.handleGoAway(length);
    else this.handleStreamFrame(type, flags, streamId, length);
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
    this.#bodyLeft = length;
    this.#bodyEndsStream = (flags & FIN) !== 0;
    if (length === 0) this.endBody();
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
      this.writeControl(WINDOW_UPDATE, RST, id, 0);
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
    if (flags & SYN) {
      this.writeControl(PING, ACK, 0, value);
      return;
    }
    const ping = this.#pings.get(value);
    this.#pings.delete(value);
    ping?.resolve(performance.now() - ping.sent);
  }

  private handleGoAway(reason: number): void {
    if (reason === GO_AWAY_NORMAL) {
      this.#peerGoingAway = true;
      this.onGoAway?.();
    } else if (reason === GO_AWAY_PROTOCOL_ERROR) {
      throw new ProtocolError("yamux: the peer says that we broke the protocol");
    } else if (reason === GO_AWAY_INTERNAL_ERROR) {
      throw new ProtocolError("yamux: the peer has an internal error");
    } else {
      throw new ProtocolError(`yamux: go away with unknown reason ${reason}`);
    }
  }

  // ── Output ────────────────────────────────────────────────────────────────────────────────────

  private makeCarrier(): Carrier {
    const session = this;
    return {
      get congested() {
        return session.#congested || session.#segmentBytes >= OUTPUT_HIGH_WATER_BYTES;
      },
      data: (flags, streamId, parts, length) => this.writeData(flags, streamId, parts, length),
      window: (flags, streamId, delta) => this.writeControl(WINDOW_UPDATE, flags, streamId, delta),
      awaitRoom: (stream) => {
        this.#awaitingRoom.add(stream);
      },
      hold: (bytes) => {
        this.#inboxBytes += bytes;
        return this.#inboxBytes <= this.#maxInboxBytes;
      },
      sentSyn: (stream) => {
        this.#unaccepted.add(stream);
      },
      accepted: (stream) => this.acceptedUpTo(stream),
      gaveUpPlace: (stream) => {
        this.#unaccepted.delete(stream);
        this.#unacknowledged--;
        this.admitWaiting();
      },
      forget: (stream) => {
        this.#streams.delete(stream.id);
        if (this.#waitingToOpen.size > 0) this.#waitingToOpen.delete(stream);
        if (this.#awaitingRoom.size > 0) this.#awaitingRoom.delete(stream);
      },
      report: this.#report,
    };
  }

  /**
   * The peer accepts streams in the order of their SYNs, so the streams before this one free their places too.
   * hashicorp/yamux sends nothing, for seconds, for a stream whose FIN came before it was accepted and that nobody
   * reads: without this, a few hundred of them would keep every later stream waiting.
   */
  private acceptedUpTo(last: Stream): void {
    for (const stream of this.#unaccepted) {
      this.#unaccepted.delete(stream);
      this.#unacknowledged--;
      stream.opened();
      if (stream === last) break;
    }
    this.admitWaiting();
  }

  private admitWaiting(): void {
    if (this.#waitingToOpen.size === 0) return;
    const now = performance.now();
    for (const [stream, { until }] of this.#waitingToOpen) {
      if (now <= until) break;
      this.#waitingToOpen.delete(stream);
      stream.fail(new ConnectionLost("the stream could not be opened in time"));
    }
    while (this.#unacknowledged < this.#maxUnacknowledged) {
      const stream = this.nextWaiting(now);
      if (!stream) break;
      this.#waitingToOpen.delete(stream);
      this.#unacknowledged++;
      stream.admit();
    }
    if (this.#waitingToOpen.size === 0) this.#newestWaiting = [];
  }

  /**
   * Picks the oldest waiting stream, or the newest once the oldest has waited for 4 s. With a peer that slow,
   * first-in first-out would give each stream its place just before its time is over, which helps none of them.
   */
  private nextWaiting(now: number): Stream | undefined {
    for (const [oldest, { since }] of this.#waitingToOpen) {
      if (now - since < PATIENT_OPENING_MS) return oldest;
      break;
    }
    for (;;) {
      const newest = this.#newestWaiting.pop();
      if (!newest || this.#waitingToOpen.has(newest)) return newest;
    }
  }

  private writeControl(type: number, flags: number, streamId: number, length: number): void {
    if (this.#over) return;
    this.writeHeader(type, flags, streamId, length);
    this.scheduleFlush();
  }

  private writeHeader(type: number, flags: number, streamId: number, length: number): void {
    this.reserve(HEADER_BYTES);
    const header = this.#outgoing;
    header.type = type;
    header.flags = flags;
    header.streamId = streamId;
    header.length = length;
    writeHeader(this.#buffer, this.#bufferEnd, header);
    this.#bufferEnd += HEADER_BYTES;
  }

  private writeData(flags: number, streamId: number, parts: readonly Uint8Array[], length: number): void {
    if (this.#over) return;
    this.writeHeader(DATA, flags, streamId, length);
    for (const part of parts) {
      if (part.length > SCATTER_BYTES) {
        this.cutBuffer();
        this.#segments.push(part);
        this.#segmentBytes += part.length;
      } else {
        this.reserve(part.length);
        this.#buffer.set(part, this.#bufferEnd);
        this.#bufferEnd += part.length;
      }
    }
    this.scheduleFlush();
  }

  /** Makes room in the buffer; when it is full, its unsent bytes become a segment. */
  private reserve(length: number): void {
    if (this.#bufferEnd + length <= this.#buffer.length) return;
    this.cutBuffer();
    this.#buffer = new Uint8Array(OUTPUT_BUFFER_BYTES);
    this.#bufferStart = 0;
    this.#bufferEnd = 0;
    if (this.#segmentBytes > MAX_OUTPUT_BYTES && this.#congested) {
      queueMicrotask(() => this.abort(new LimitReached("yamux: the peer sends but does not read")));
    }
  }

  private cutBuffer(): void {
    if (this.#bufferStart === this.#bufferEnd) return;
    this.#segments.push(this.#buffer.subarray(this.#bufferStart, this.#bufferEnd));
    this.#segmentBytes += this.#bufferEnd - this.#bufferStart;
    this.#bufferStart = this.#bufferEnd;
  }

  private scheduleFlush(): void {
    if (this.#flushScheduled || this.#congested) return;
    this.#flushScheduled = true;
    queueMicrotask(() => {
      this.#flushScheduled = false;
      if (!this.#congested) this.flush();
    });
  }

  private flush(): void {
    while (!this.#over) {
      if (this.#unannounced.length > 0) for (const stream of this.#unannounced.splice(0)) stream.announce();
      this.cutBuffer();
      if (!this.writeSegments()) return;
      this.#bufferStart = 0;
      this.#bufferEnd = 0;
      const stream = first(this.#awaitingRoom);
      if (!stream) break;
      this.#awaitingRoom.delete(stream);
      stream.pump();
    }
    if (this.#closing) this.finish(null);
  }

  /** Returns false when the socket is full or gone. */
  private writeSegments(): boolean {
    let sent = 0;
    for (const segment of this.#segments) {
      const taken = this.#connection.write(segment);
      if (taken < 0) {
        // The connection has ended, but `disconnected` has not been called yet.
        this.finish(null);
        return false;
      }
      this.#segmentBytes -= taken;
      if (taken < segment.length) {
        this.#segments[sent] = segment.subarray(taken);
        break;
      }
      sent++;
    }
    this.#congested = sent < this.#segments.length;
    if (this.#congested) this.#segments.splice(0, sent);
    else this.#segments.length = 0;
    return !this.#congested;
  }

  // ── The end ───────────────────────────────────────────────────────────────────────────────────

  /** The peer broke the protocol: sends the reason if the socket allows, then ends the session. */
  private abort(reason: Error): void {
    if (this.#over) return;
    const code = reason instanceof ProtocolError ? GO_AWAY_PROTOCOL_ERROR : GO_AWAY_INTERNAL_ERROR;
    this.#unannounced = [];
    this.writeControl(GO_AWAY, 0, 0, code);
    if (!this.#congested) this.flush();
    this.finish(reason);
  }

  private finish(reason: Error | null): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#sweep);
    if (this.#closing) clearTimeout(this.#closing);
    const lost = reason ?? new ConnectionLost();
    for (const stream of [...this.#streams.values()]) stream.fail(lost);
    for (const ping of this.#pings.values()) ping.reject(lost);
    this.#pings.clear();
    this.#segments = [];
    this.#body = null;
    this.#connection.end();
    this.#settleClosed(reason);
  }

  private resetAbandoned(): void {
    for (const stream of [...this.#streams.values()]) stream.resetIfAbandoned();
  }
}

/**
 * Returns the first element. Runs for every frame written, nearly always on an empty set: an iterator would cost more
 * than the frame.
 */
function first(set: Set<Stream>): Stream | undefined {
  return set.size === 0 ? undefined : set.values().next().value;
}

/** Reports a bug in a callback as an uncaught exception, so that it does not look like a broken connection. */
function throwOutside(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
