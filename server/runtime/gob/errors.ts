/**
 * The peer sent something that the protocol does not allow. Malformed input raises this and nothing else,
 * here and in the layers above (net/rpc, yamux). The stream is unusable afterwards. Never holds what was sent.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/**
 * One value of the peer cannot be read, and the stream is still in step: the next value can be read. The message names
 * the field, in the names of our own types.
 */
export class UnreadableValue extends ProtocolError {}

/** A value of ours does not fit the Go type it was to be sent as. Nothing was sent. Never holds the value. */
export class GobError extends Error {
  override readonly name = "GobError";
}
