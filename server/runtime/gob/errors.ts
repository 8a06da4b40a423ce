/**
 * The peer sent something that the protocol does not allow. Malformed input raises only this error, here and in the
 * layers above (net/rpc, yamux). The stream is unusable afterwards. The error never contains the received bytes.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/**
 * One value of the peer cannot be read, but the stream is still in step and the next value can be read. The message
 * names the field, by the names of our own types.
 */
export class UnreadableValue extends ProtocolError {}

/** A value does not fit the Go type it should be sent as. Nothing was sent. The error never contains the value. */
export class GobError extends Error {
  override readonly name = "GobError";
}
