import { chmodSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bool, string, uint32 } from "../gob/index.ts";
import { within } from "../within.ts";
import { Broker } from "./broker.ts";
import { ConnectionLost, StreamBroken } from "./errors.ts";
import {
  CONNECT_TIMEOUT_MS,
  FAULT_TIMEOUT_MS,
  LAST_CALLS_MS,
  MAX_SOCKET_PATH_BYTES,
  QUIT_GRACE_MS,
  QUIT_TIMEOUT_MS,
} from "./limits.ts";
import { log, logLast, redirectConsole } from "./log.ts";
import { keepMemorySmall } from "./memory.ts";
import { nothing } from "./rpc.ts";
import { RpcServer } from "./rpc-server.ts";
import type { Session } from "./session.ts";
import { type Listener, listenOnce } from "./socket.ts";
import type { Stream } from "./stream.ts";

/** go-plugin's CoreProtocolVersion. */
const CORE_PROTOCOL_VERSION = 1;

export interface ServeOptions {
  /** The environment variable by which the host proves that it started us, and its value. Not a secret. */
  cookie: { key: string; value: string };
  /** Message for a person who starts the program by hand. */
  startedByHand?: string;
  /** The application's protocol version; the host must use the same. */
  protocolVersion: number;
  /**
   * The plugins that the host may request by name ("hooks"). Called once per Dispense, with the stream that the host
   * then dials.
   *
   * The process ends when the stream of the returned server is over, or when `broken` is called. The host restarts a
   * process that ended, but it considers a process healthy even when one of its streams is broken.
   */
  dispense: Record<string, Dispenser>;
  /** Called when the host asked us to quit, or has ended. It has QUIT_TIMEOUT_MS; after a fault FAULT_TIMEOUT_MS. */
  onQuit?: () => void | Promise<void>;
  /** Called whatever ends the process, for calls that the host must have finished by then. It has LAST_CALLS_MS. */
  beforeEnd?: () => Promise<void>;
}

export type Dispenser = (broker: Broker, stream: Stream, broken: (fault: StreamBroken) => void) => RpcServer;

/**
 * Runs this process as a go-plugin plugin (protocol netrpc). Ends it when the host quits it or is gone.
 *
 *   host starts us with the cookie  ─▶  we listen on a unix socket
 *   first line of our stdout        ◀─  1|1|unix|/tmp/plugin….sock|netrpc|
 *   host dials, once                ─▶  yamux session, we are the server
 *   stream 1: control (rpc)   stream 3: our stdout   stream 5: our stderr   later ones: broker
 *
 * Source: go-plugin's page "internals", server.go, rpc_server.go.
 */
export async function serve(options: ServeOptions): Promise<never> {
  const misuse = handshakeProblem(options, process.env);
  if (misuse) {
    process.stderr.write(`${misuse}\n`);
    process.exit(1);
  }
  surviveBugs();
  redirectConsole();
  process.on("SIGINT", () => {}); // Ctrl-C reaches the whole process group; the host decides when we end.

  const lastCalls = () => atMost(LAST_CALLS_MS, options.beforeEnd);
  process.on("SIGTERM", () => void lastCalls().then(() => process.exit(0)));

  const session = await firstConnection(listen(options.protocolVersion));
  keepMemorySmall(session);
  const fault = await serveSession(session, options, logFault);
  await Promise.all([atMost(fault ? FAULT_TIMEOUT_MS : QUIT_TIMEOUT_MS, options.onQuit), lastCalls()]);
  session.close();
  process.exit(fault && !(fault instanceof ConnectionLost) ? 1 : 0);
}

/** Logs the fault that ends this process, as its last line. */
function logFault(fault: Error | null): void {
  if (!fault) return;
  const { stream, call, reason } =
    fault instanceof StreamBroken ? fault : new StreamBroken("session", fault.message);
  logLast("error", "the plugin ends, so that the server starts it again: a stream to the server is broken", {
    stream,
    call: call ?? "none",
    reason,
  });
}

/**
 * Serves one session until it is over. Resolves with null after Control.Quit, with ConnectionLost when the host ended
 * without it, or with the fault. `ended` is called with the same value first, before anything fails as a consequence.
 */
export function serveSession(
  session: Session,
  { dispense }: Pick<ServeOptions, "dispense">,
  ended: (fault: Error | null) => void = () => {},
): Promise<Error | null> {
  return new Promise((resolve) => {
    let over = false;
    let quitting = false;
    const end = (fault: Error | null) => {
      if (over) return;
      over = true;
      ended(fault);
      resolve(fault);
    };
    const broken = (fault: StreamBroken) => {
      // When the connection is gone, all streams are gone too: that is reported once, below.
      if (!quitting && !session.isClosed) end(fault);
    };
    /** A stream that ends regularly is a fault too, unless the whole session is ending. */
    const finished = (stream: string, reason: string) => {
      setTimeout(() => broken(new StreamBroken(stream, reason)), QUIT_GRACE_MS);
    };
    const watch = (name: string, server: RpcServer) => {
      const closed = (reason: Error | null) => {
        if (reason) broken(new StreamBroken(name, reason.message, server.reading));
        else finished(name, "the server ended it");
      };
      server.onClose = closed;
      server.closed.then(closed);
    };
    const quit = () => {
      quitting = true;
      setTimeout(() => end(null), 0); // after the answer has been sent
    };
    const broker = new Broker(session);
    const roles = [
      (stream: Stream) => {
        const control = new RpcServer(stream, { ping: () => session.ping(), onUnreadable: logUnreadable });
        watch("control", control);
        serveControl(control, { broker, dispense, quit, broken, watch });
      },
      standardStream,
      standardStream,
    ];
    session.onStream = (stream) => {
      const role = roles.shift();
      if (role) role(stream);
      else broker.receive(stream);
    };
    session.onGoAway = () => finished("session", "the server accepts no more streams (go away)");
    session.closed.then((reason) => {
      if (quitting) end(null);
      else if (!reason || reason instanceof ConnectionLost) end(new ConnectionLost());
      else end(new StreamBroken("session", reason.message));
    });
  });
}

interface Control {
  broker: Broker;
  dispense: Record<string, Dispenser>;
  quit(): void;
  broken(fault: StreamBroken): void;
  watch(stream: string, server: RpcServer): void;
}

function serveControl(control: RpcServer, { broker, dispense, quit, broken, watch }: Control): void {
  control.handle("Control.Ping", bool, nothing, () => ({}));
  control.handle("Control.Quit", bool, nothing, () => {
    quit();
    return {};
  });
  control.handle("Dispenser.Dispense", string, uint32, (name) => {
    const make = Object.hasOwn(dispense, name) ? dispense[name] : undefined;
    if (!make) throw new Error(`unknown plugin type: ${name}`);
    const id = broker.nextId();
    broker
      .accept(id)
      .then((stream) => watch(name, make(broker, stream, broken)))
      .catch((error) => broken(new StreamBroken(name, textOf(error))));
    return id;
  });
}

/** Logs a call of the host that failed alone. The host logs it too, but not always with its name. */
export function logUnreadable(call: string, reason: string): void {
  log("warn", "a call of the server could not be read and has failed", { call, reason });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Keeps our stdout and stderr streams silent. The host would copy them to its log, but our stderr lines carry a
 * level.
 */
function standardStream(stream: Stream): void {
  stream.onData = () => {};
}

/** Explains why this process cannot run as a plugin here, for the person who started it; null when it can. */
export function handshakeProblem(
  { cookie, startedByHand }: Pick<ServeOptions, "cookie" | "startedByHand">,
  environment: Record<string, string | undefined>,
): string | null {
  if (cookie.key === "" || cookie.value === "") return "Misconfigured plugin: no handshake cookie is set.";
  if (environment[cookie.key] !== cookie.value) {
    return startedByHand ?? "This program is a plugin: the program that uses it starts it, not a person.";
  }
  if (environment.PLUGIN_CLIENT_CERT) {
    return "The host asks for TLS between itself and its plugins (go-plugin AutoMTLS), which is not supported.";
  }
  return null;
}

/** Uses $PLUGIN_UNIX_SOCKET_DIR, else the temporary directory, else /tmp when that path is too long for a socket. */
export function socketPath(environment: Record<string, string | undefined>): string {
  const name = `plugin${crypto.getRandomValues(new Uint8Array(8)).toHex()}`;
  for (const directory of [environment.PLUGIN_UNIX_SOCKET_DIR || tmpdir(), "/tmp"]) {
    const path = join(directory, name);
    if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return path;
  }
  throw new Error("unreachable: /tmp fits");
}

/** Opens the socket and tells the host its path. Ends the process when that fails: nobody would ever connect. */
function listen(protocolVersion: number): Listener {
  try {
    const path = socketPath(process.env);
    const listener = listenOnce(path, {
      report: (error) => reportBug("uncaught exception in a callback", error),
    });
    process.on("exit", () => listener.stop());
    chmodSync(path, 0o600);
    // Fails when nobody reads it: the host has ended, or has killed only the program through which it started us.
    writeSync(1, `${CORE_PROTOCOL_VERSION}|${protocolVersion}|unix|${path}|netrpc|\n`);
    return listener;
  } catch (error) {
    log("error", "the plugin ends: the server cannot connect to it", { error });
    process.exit(1);
  }
}

async function firstConnection(listener: Listener): Promise<Session> {
  const timer = setTimeout(() => {
    log("error", `the plugin ends: the server did not connect within ${CONNECT_TIMEOUT_MS} ms`);
    process.exit(1);
  }, CONNECT_TIMEOUT_MS);
  const session = await listener.session;
  clearTimeout(timer);
  return session;
}

/**
 * A bug in one hook must not end the plugin: the server restarts a crashed plugin after up to 30 s, and after three
 * crashes not at all.
 */
function surviveBugs(): void {
  process.on("uncaughtException", (error) => reportBug("uncaught exception", error));
  process.on("unhandledRejection", (error) => reportBug("unhandled rejection", error));
}

function reportBug(message: string, error: unknown): void {
  log("error", message, { error });
}

async function atMost(milliseconds: number, task: (() => void | Promise<void>) | undefined): Promise<void> {
  if (!task) return;
  try {
    await within(milliseconds, Promise.resolve().then(task), undefined);
  } catch (error) {
    reportBug("error while quitting", error);
  }
}
