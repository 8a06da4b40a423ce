/**
 * A plugin process for hosts built on hashicorp/go-plugin (protocol netrpc), and the host's side of the protocol for
 * tests. It does not depend on Mattermost. The layers are: connection → session (yamux) → streams → broker → net/rpc
 * over gob.
 */
export { Broker } from "./broker.ts";
export {
  CallTimeout,
  ConnectionLost,
  LimitReached,
  ProtocolError,
  RpcError,
  StreamBroken,
  StreamReset,
  UnreadableValue,
} from "./errors.ts";
export { LAST_CALLS_MS } from "./limits.ts";
export { type LogLevel, log, logLine } from "./log.ts";
export { nothing } from "./rpc.ts";
export { type CallLimit, type CallTypes, RpcClient } from "./rpc-client.ts";
export { RpcServer } from "./rpc-server.ts";
export { processSeconds, Seconds, type Watched } from "./seconds.ts";
export { type Dispenser, logUnreadable, type ServeOptions, serve, serveSession } from "./serve.ts";
export { Session } from "./session.ts";
export type { Connection, Role, SessionOptions } from "./session-options.ts";
export { connect, type Listener, listenOnce } from "./socket.ts";
export type { Stream } from "./stream.ts";
