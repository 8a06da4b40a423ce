import { chmodSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bool, string, uint32 } from "../gob/index.ts";
import { Broker } from "./broker.ts";
import { ConnectionLost, ProtocolError } from "./errors.ts";
import { releaseMemoryWhenIdle } from "./idle.ts";
import { CONNECT_TIMEOUT_MS, MAX_SOCKET_PATH_BYTES, QUIT_TIMEOUT_MS } from "./limits.ts";
import { log, redirectConsole } from "./log.ts";
import { nothing } from "./rpc.ts";
import { RpcServer } from "./rpc-server.ts";
import type { Session } from "./session.ts";
import { type Listener, listenOnce } from "./socket.ts";
import type { Stream } from "./stream.ts";

/** go-plugin's CoreProtocolVersion. */
const CORE_PROTOCOL_VERSION = 1;

export interface ServeOptions {
  /** The variable by which the host shows that it started us, and its value. Not a secret. */
  cookie: { key: string; value: string };
  /** Told to whoever starts the program by hand. */
  startedByHand?: string;
  /** The application's protocol version, which the host must share. */
  protocolVersion: number;
  /**
   * What the host may ask for by name ("hooks"). Called once per Dispense, with the stream the host then dials.
   * When the returned server fails, the process ends: a host notices a dead process and restarts it, but keeps
   * a plugin for healthy whose hooks stream alone is broken.
   */
  dispense: Record<string, (broker: Broker, stream: Stream) => RpcServer>;
  /** The host asked us to quit or is gone. Has QUIT_TIMEOUT_MS. */
  onQuit?: () => void | Promise<void>;
}

/**
 * Runs this process as a go-plugin plugin (protocol netrpc) and ends it when the host is done with it or gone.
 *
 *   host starts us with the cookie  ─▶  we listen on a unix socket
 *   first line of our stdout        ◀─  1|1|unix|/tmp/plugin….sock|netrpc|
 *   host dials, once                ─▶  yamux session, we are the server
 *   stream 1: control (rpc)   stream 3: our stdout   stream 5: our stderr   later ones: broker
 *
 * go-plugin docs/internals.md; server.go, rpc_server.go.
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

  const path = socketPath(process.env);
  const listener = listenOnce(path, {
    report: (error) => reportBug("uncaught exception in a callback", error),
  });
  process.on("exit", () => listener.stop());
  process.on("SIGTERM", () => process.exit(0));
  chmodSync(path, 0o600);
  writeSync(1, `${CORE_PROTOCOL_VERSION}|${options.protocolVersion}|unix|${path}|netrpc|\n`);

  const session = await firstConnection(listener);
  releaseMemoryWhenIdle(session);
  const over = await serveSession(session, options);
  const reason = over instanceof ConnectionLost ? null : over; // the host is gone: nothing went wrong here
  if (reason)
    log("error", "the plugin ends: its connection to the server is broken", { error: reason.message });
  await atMost(QUIT_TIMEOUT_MS, options.onQuit);
  session.close();
  process.exit(reason ? 1 : 0);
}

/** Serves one session until the host asks to quit (null), or it is over (what went wrong, or null). */
export function serveSession(
  session: Session,
  options: Pick<ServeOptions, "dispense">,
): Promise<Error | null> {
  return new Promise((resolve) => {
    const broker = new Broker(session);
    const roles = [
      (stream: Stream) => serveControl(stream, broker, options, resolve),
      standardStream,
      standardStream,
    ];
    session.onStream = (stream) => {
      const role = roles.shift();
      if (role) role(stream);
      else broker.receive(stream);
    };
    session.closed.then(resolve);
  });
}

function serveControl(
  stream: Stream,
  broker: Broker,
  { dispense }: Pick<ServeOptions, "dispense">,
  over: (reason: Error | null) => void,
): void {
  const control = new RpcServer(stream);
  const endOnFailure = (reason: Error | null) => {
    if (reason instanceof ProtocolError) over(reason);
  };
  control.closed.then(endOnFailure);
  control.handle("Control.Ping", bool, nothing, () => ({}));
  control.handle("Control.Quit", bool, nothing, () => {
    setTimeout(() => over(null), 0); // after the answer has left
    return {};
  });
  control.handle("Dispenser.Dispense", string, uint32, (name) => {
    const make = Object.hasOwn(dispense, name) ? dispense[name] : undefined;
    if (!make) throw new Error(`unknown plugin type: ${name}`);
    const id = broker.nextId();
    broker
      .accept(id)
      .then((accepted) => make(broker, accepted).closed)
      .then(endOnFailure)
      .catch((error) => reportBug(`dispense ${name} failed`, error));
    return id;
  });
}

/** The host copies these to its log. We log by stderr lines, which carry a level; so they stay silent. */
function standardStream(stream: Stream): void {
  stream.onData = () => {};
}

/** Why this process cannot be a plugin here, in words for the one who started it; null when it can. */
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

/** $PLUGIN_UNIX_SOCKET_DIR, else the temporary directory, else /tmp where that path is too long for a socket. */
export function socketPath(environment: Record<string, string | undefined>): string {
  const name = `plugin${crypto.getRandomValues(new Uint8Array(8)).toHex()}`;
  for (const directory of [environment.PLUGIN_UNIX_SOCKET_DIR || tmpdir(), "/tmp"]) {
    const path = join(directory, name);
    if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return path;
  }
  throw new Error("unreachable: /tmp fits");
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

/** A bug in one hook must not take the plugin down: after a crash it is gone for up to 30 s, after three for good. */
function surviveBugs(): void {
  process.on("uncaughtException", (error) => reportBug("uncaught exception", error));
  process.on("unhandledRejection", (error) => reportBug("unhandled rejection", error));
}

function reportBug(message: string, error: unknown): void {
  log("error", message, { error });
}

async function atMost(milliseconds: number, task: (() => void | Promise<void>) | undefined): Promise<void> {
  if (!task) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    await Promise.race([Promise.resolve().then(task), deadline]);
  } catch (error) {
    reportBug("error while quitting", error);
  }
  clearTimeout(timer);
}
