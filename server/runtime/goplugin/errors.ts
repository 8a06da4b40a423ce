export { ProtocolError, UnreadableValue } from "../gob/index.ts";

/** The connection to the other process has ended, and with it every stream and call. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
  constructor(message = "the connection to the other process is closed", options?: ErrorOptions) {
    super(message, options);
  }
}

/** One side ended this stream by force (RST). */
export class StreamReset extends Error {
  override readonly name = "StreamReset";
  constructor(message = "stream was reset by the peer", options?: ErrorOptions) {
    super(message, options);
  }
}

/** One of our own limits (limits.ts) was reached: more streams, calls or bytes than we keep at once. */
export class LimitReached extends Error {
  override readonly name = "LimitReached";
}

/** The other side answered a call with an error (net/rpc Response.Error); the message is its text. */
export class RpcError extends Error {
  override readonly name = "RpcError";
}

/** A call was not answered within its time limit. Whether the other side carried it out is not known. */
export class CallTimeout extends Error {
  override readonly name = "CallTimeout";
  /** "Plugin.KVGet". */
  readonly method: string;
  readonly seconds: number;

  constructor(method: string, seconds: number) {
    super(`${method} was not answered within ${seconds} s`);
    this.method = method;
    this.seconds = seconds;
  }
}

/** Why this process must end. The host restarts a process that has ended, but does not notice a broken stream. */
export class StreamBroken extends Error {
  override readonly name = "StreamBroken";
  /** "hooks", "API", "control", or "session" for all of them. */
  readonly stream: string;
  /** The call that was being read, or the oldest one that waits for its answer: "Plugin.KVGet". */
  readonly call: string | null;
  readonly reason: string;

  constructor(stream: string, reason: string, call: string | null = null) {
    super(`the ${stream} stream is broken${call === null ? "" : ` (${call})`}: ${reason}`);
    this.stream = stream;
    this.call = call;
    this.reason = reason;
  }
}
