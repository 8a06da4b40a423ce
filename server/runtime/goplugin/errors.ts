export { ProtocolError } from "../gob/index.ts";

/** The connection to the other process is gone; every stream and call on it ends with this. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
  constructor(message = "the connection to the other process is closed", options?: ErrorOptions) {
    super(message, options);
  }
}

/** One stream was ended by force (RST), by either side. */
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
