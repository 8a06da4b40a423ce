import { bool, string, uint32 } from "../../../server/runtime/gob/index.ts";
import {
  Broker,
  connect,
  nothing,
  RpcClient,
  RpcServer,
  type Session,
  type Stream,
} from "../../../server/runtime/goplugin/index.ts";
import { hooks as hookTable } from "../../../server/runtime/mattermost/wire/hooks.gen.ts";
import { errorFromWire } from "../../../server/runtime/mattermost/wire-error.ts";
import type { HookRequest } from "./hook-request.ts";
import type { StandInApi } from "./plugin-api.ts";
import {
  callHook,
  implementedReply,
  onActivateArgs,
  onActivateReply,
  registry,
  serveApi,
} from "./plugin-wire.ts";
import type { HookSink } from "./world.ts";

/** go-plugin's handshake of Mattermost plugins (plugin/hooks.go, client.go). */
const HANDSHAKE = {
  MATTERMOST_PLUGIN: "Securely message teams, anywhere.",
  PLUGIN_MIN_PORT: "10000",
  PLUGIN_MAX_PORT: "25000",
  PLUGIN_PROTOCOL_VERSIONS: "1",
};
/** The real server waits 3 s. bench/ measures the duration of a start, where nothing else runs. */
const START_TIMEOUT_MS = 60_000;
const QUIT_TIMEOUT_MS = 2_000;

export interface PluginProcessOptions {
  /** Executable and arguments. The real server passes none; a development run is `bun server/main.ts`. */
  readonly command: readonly string[];
  readonly node: string;
  readonly api: StandInApi;
  readonly environment?: Record<string, string>;
  /** Working directory; for a real plugin it is the server's. */
  readonly cwd?: string;
  /** Called for each line of the plugin's stderr. */
  readonly onLog?: (line: string) => void;
  /** Called when a call began or ended, for the log of wires. */
  readonly onHook?: (hook: string, args: readonly unknown[], ms: number, error?: Error) => void;
  /** Called when the process ended although the server did not stop it. */
  readonly onCrash?: (reason: string) => void;
}

/** The connections to a running plugin, and its hooks. */
interface Wire {
  readonly session: Session;
  readonly broker: Broker;
  readonly control: RpcClient;
  readonly hooks: RpcClient;
  readonly implemented: ReadonlySet<string>;
}

/** One running plugin executable, as the server sees it: starts it, calls its hooks, ends it. */
export class PluginProcess implements HookSink {
  readonly node: string;
  readonly #options: PluginProcessOptions;
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #session: Session;
  readonly #broker: Broker;
  readonly #control: RpcClient;
  readonly #hooks: RpcClient;
  readonly #implemented: ReadonlySet<string>;
  #stopping = false;

  /**
   * Starts and activates the plugin. Rejects with the error of OnActivate, or with the reason why the process did not
   * start.
   */
  static async start(options: PluginProcessOptions): Promise<PluginProcess> {
    const child = Bun.spawn([...options.command], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      ...(options.cwd && { cwd: options.cwd }),
      env: { ...process.env, ...options.environment, ...HANDSHAKE },
    });
    // Also during the start, before the server has a reference to the process.
    const endChild = () => child.kill("SIGKILL");
    process.on("exit", endChild);
    void child.exited.then(() => process.off("exit", endChild));
    void forEachLine(child.stderr, (line) => options.onLog?.(line));
    try {
      const lines = readLines(child.stdout);
      const first = await within(
        START_TIMEOUT_MS,
        lines.next(),
        "plugin did not answer the handshake in time",
      );
      const path = handshakePath(first.value);
      void drain(lines);
      const session = await connect(path, { role: "client" });
      return await PluginProcess.#activate(options, child, session);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  static async #activate(
    options: PluginProcessOptions,
    child: Bun.Subprocess<"ignore", "pipe", "pipe">,
    session: Session,
  ): Promise<PluginProcess> {
    const broker = new Broker(session);
    session.onStream = (stream) => broker.receive(stream);
    // The plugin identifies the streams by this order.
    const control = new RpcClient(session.open());
    for (const standard of [session.open(), session.open()]) standard.onData = () => {};

    const hooksId = await control.call("Dispenser.Dispense", { args: string, returns: uint32 }, "hooks");
    const hooks = new RpcClient(broker.dial(hooksId), { registry });
    const implemented = await hooks.call(
      "Plugin.Implemented",
      { args: nothing, returns: implementedReply },
      {},
    );
    const wire = { session, broker, control, hooks, implemented: new Set(implemented) };
    const process = new PluginProcess(options, child, wire);

    const [APIMuxId, DriverMuxId] = [broker.nextId(), broker.nextId()];
    const apiStream = broker.accept(APIMuxId).then((stream) => {
      serveApi(new RpcServer(stream, { registry }), options.api);
    });
    const driverStream = broker.accept(DriverMuxId).then(keepOpen);
    const started = performance.now();
    const reply = await hooks.call(
      "Plugin.OnActivate",
      { args: onActivateArgs, returns: onActivateReply },
      { APIMuxId, DriverMuxId },
    );
    const failure = errorFromWire(reply.A) ?? undefined;
    options.onHook?.("onActivate", [], performance.now() - started, failure);
    if (failure) {
      process.#stopping = true; // ended by us: no crash to come back from
      throw failure;
    }
    await Promise.all([apiStream, driverStream]);
    return process;
  }

  private constructor(
    options: PluginProcessOptions,
    child: Bun.Subprocess<"ignore", "pipe", "pipe">,
    { session, broker, control, hooks, implemented }: Wire,
  ) {
    this.#options = options;
    this.node = options.node;
    this.#child = child;
    this.#session = session;
    this.#broker = broker;
    this.#control = control;
    this.#hooks = hooks;
    this.#implemented = implemented;
    void child.exited.then((code) => {
      session.close();
      if (!this.#stopping)
        options.onCrash?.(child.signalCode ? `killed by ${child.signalCode}` : `exit code ${code}`);
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  has(hook: string): boolean {
    const method = hookTable[hook as keyof typeof hookTable];
    return method !== undefined && this.#implemented.has(method.go);
  }

  async call(hook: string, ...args: unknown[]): Promise<unknown> {
    const method = hookTable[hook as keyof typeof hookTable];
    if (!method) throw new Error(`there is no hook ${hook}`);
    const started = performance.now();
    try {
      const result = await callHook(this.#hooks, method, args);
      this.#options.onHook?.(hook, args, performance.now() - started);
      return result;
    } catch (error) {
      this.#options.onHook?.(hook, args, performance.now() - started, asError(error));
      throw error;
    }
  }

  /** ServeHTTP or ServeMetrics. `request.url` is what the plugin sees: path and query. */
  serve(hook: "ServeHTTP" | "ServeMetrics", request: HookRequest): Promise<Response> {
    return request.run(hook, this.#hooks, this.#broker);
  }

  /** Control.Ping, the server's health check. */
  async ping(): Promise<void> {
    await this.#control.call("Control.Ping", { args: bool, returns: nothing }, true);
  }

  /** OnDeactivate, then Control.Quit, then SIGKILL if it does not end. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    try {
      await within(QUIT_TIMEOUT_MS, this.call("onDeactivate"), "OnDeactivate took too long");
      await within(
        QUIT_TIMEOUT_MS,
        this.#control.call("Control.Quit", { args: bool, returns: nothing }, true),
        "Quit took too long",
      );
      await within(QUIT_TIMEOUT_MS, this.#child.exited, "the process did not exit");
    } catch {
      this.#child.kill("SIGKILL");
    }
    this.#session.close();
    await this.#child.exited;
  }

  /** `kill -9`, as in a crash: `onCrash` is called. */
  crash(): void {
    this.#child.kill("SIGKILL");
  }

  /** Ends it at once and silently, because the sandbox itself is ending. */
  kill(): void {
    this.#stopping = true;
    this.#child.kill("SIGKILL");
  }
}

/** `1|1|unix|/tmp/plugin123|netrpc|` → the socket's path. */
function handshakePath(line: string | undefined): string {
  const [core, app, network, path, protocol] = (line ?? "").trim().split("|");
  if (core !== "1" || app !== "1" || network !== "unix" || !path || protocol !== "netrpc")
    throw new Error(`no handshake line from the plugin, but: ${JSON.stringify(line ?? "(end of output)")}`);
  return path;
}

/** The stream of the SQL driver: our plugin never uses it, but it must stay open. */
function keepOpen(stream: Stream): void {
  stream.onData = () => {};
}

async function* readLines(source: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of source) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
  return undefined;
}

async function forEachLine(source: ReadableStream<Uint8Array>, each: (line: string) => void): Promise<void> {
  for await (const line of readLines(source)) each(line);
}

async function drain(lines: AsyncGenerator<string>): Promise<void> {
  for await (const _ of lines);
}

function within<T>(ms: number, work: Promise<T>, otherwise: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(otherwise)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));
