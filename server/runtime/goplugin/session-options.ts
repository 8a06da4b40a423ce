/** The options of a session: its connection, its side, and its limits. */

import {
  HALF_CLOSED_TIMEOUT_MS,
  MAX_INBOX_BYTES,
  MAX_OPEN_STREAMS,
  MAX_UNACKNOWLEDGED_STREAMS,
} from "./limits.ts";

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

export const defaults: Required<SessionOptions> = {
  maxOpenStreams: MAX_OPEN_STREAMS,
  maxUnacknowledgedStreams: MAX_UNACKNOWLEDGED_STREAMS,
  maxInboxBytes: MAX_INBOX_BYTES,
  halfClosedTimeoutMs: HALF_CLOSED_TIMEOUT_MS,
  report: throwOutside,
};

/** Reports a bug in a callback as an uncaught exception, so that it does not look like a broken connection. */
function throwOutside(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
