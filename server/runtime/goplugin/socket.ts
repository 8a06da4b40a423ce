import { unlinkSync } from "node:fs";
import { Session } from "./session.ts";
import type { Role, SessionOptions } from "./session-options.ts";

/**
 * Sessions over unix sockets.
 *
 * Uses Bun's own sockets rather than node:net, for 15 % more requests per second. Their `write` takes what the kernel
 * takes and returns how much; every read is a fresh array, so views of it may be kept. The tests check both.
 */
const handlers = {
  binaryType: "uint8array" as const,
  data(socket: Bun.Socket<Session>, chunk: Uint8Array) {
    socket.data.receive(chunk);
  },
  drain(socket: Bun.Socket<Session>) {
    socket.data.drained();
  },
  close(socket: Bun.Socket<Session>) {
    socket.data?.disconnected();
  },
  error(socket: Bun.Socket<Session>, error: Error) {
    socket.data?.disconnected(error);
  },
};

/** Dials the other process, as the plugin's host does. The side that dials is the yamux client. */
export async function connect(
  path: string,
  options: SessionOptions & { role?: Role } = {},
): Promise<Session> {
  const socket = await Bun.connect<Session>({
    unix: path,
    socket: {
      ...handlers,
      open(socket) {
        socket.data = new Session(socket, options.role ?? "client", options);
      },
    },
  });
  return socket.data;
}

export interface Listener {
  /** Resolves with the session of the first connection. Only one connection is accepted. */
  readonly session: Promise<Session>;
  /** Stops listening and removes the socket's file; an accepted session continues. */
  stop(): void;
}

/** Waits for one connection on a new unix socket at `path`, readable by this user only. */
export function listenOnce(path: string, options: SessionOptions & { role?: Role } = {}): Listener {
  const { promise, resolve } = Promise.withResolvers<Session>();
  let stopped = false;
  const stop = () => {
    if (stopped) return;
    stopped = true;
    listener.stop(false);
    try {
      unlinkSync(path);
    } catch {
      // Bun may have removed the file already.
    }
  };
  const umask = process.umask(0o177);
  const listener = Bun.listen<Session>({
    unix: path,
    socket: {
      ...handlers,
      open(socket) {
        if (stopped) {
          socket.terminate();
          return;
        }
        socket.data = new Session(socket, options.role ?? "server", options);
        stop();
        resolve(socket.data);
      },
    },
  });
  process.umask(umask);
  return { session: promise, stop };
}
