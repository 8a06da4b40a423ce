import { any, bytes, int, Registry, slice, string, struct, type Type, uint32 } from "../../gob/index.ts";
import { Broker, nothing, RpcClient, RpcServer, type Stream } from "../../goplugin/index.ts";
import { joined, type Pair } from "../../goplugin/testing/wire.ts";
import { GoHeader, type HttpRequest, ServeHttpArgs } from "../http/wire.ts";
import { codecOf, type Letters } from "../method-codec.ts";
import { type Plugin, type PluginOptions, servePluginSession } from "../plugin.ts";
import { type Api, apiMethods } from "../wire/api.gen.ts";
import { hooks as hookTable } from "../wire/hooks.gen.ts";
import type { Context } from "../wire/model.gen.ts";
import { registerNames } from "../wire/registry.gen.ts";

/** For tests: plays the server's end of the wire, in this process and in memory. */
export class TestHost {
  readonly registry = registerNames(new Registry());
  readonly broker: Broker;
  hooks!: RpcClient;
  /** The plugin's streams to the API, newest last. */
  readonly apiServers: RpcServer[] = [];
  readonly pair: Pair;
  /** Lines of the plugin's log, when activated. */
  logged: readonly string[] = [];
  readonly served: Promise<Error | null>;
  #api: ApiHandlers;
  #hooksStream: Stream | null = null;

  private constructor(plugin: Plugin, api: ApiHandlers, options: PluginOptions) {
    this.pair = joined();
    this.#api = api;
    this.served = servePluginSession(plugin, this.pair.server, options);
    this.broker = new Broker(this.pair.client);
    this.pair.client.onStream = (stream) => this.broker.receive(stream);
  }

  /** Does everything up to, not including, OnActivate. */
  static async start(plugin: Plugin, api: ApiHandlers = {}, options: PluginOptions = {}): Promise<TestHost> {
    const host = new TestHost(plugin, api, options);
    const control = new RpcClient(host.pair.client.open());
    host.pair.client.open().write(new Uint8Array(0));
    host.pair.client.open().write(new Uint8Array(0));
    const id = await control.call("Dispenser.Dispense", { args: string, returns: uint32 }, "hooks");
    host.#hooksStream = host.broker.dial(id);
    host.hooks = new RpcClient(host.#hooksStream, { registry: host.registry });
    return host;
  }

  /** Activates the plugin with an API that collects its log, so that tests of failures do not fill the screen. */
  static async activated(
    plugin: Plugin,
    api: ApiHandlers = {},
    options: PluginOptions = {},
  ): Promise<TestHost> {
    const logged: string[] = [];
    const log = ({ A, B }: Letters) => {
      logged.push([A, ...(B as string[])].join(" "));
      return {};
    };
    const logging = { logDebug: log, logInfo: log, logWarn: log, logError: log };
    const host = await TestHost.start(plugin, { ...logging, ...api }, options);
    host.logged = logged;
    const failure = await host.activate();
    if (failure) throw new Error(`not activated: ${JSON.stringify(failure)}`);
    return host;
  }

  implemented(): Promise<string[]> {
    return this.hooks.call("Plugin.Implemented", { args: nothing, returns: slice(string) }, {});
  }

  /** Resolves with the answer of OnActivate: null means success. */
  async activate(): Promise<unknown> {
    const [APIMuxId, DriverMuxId] = [this.broker.nextId(), this.broker.nextId()];
    this.broker
      .accept(APIMuxId)
      .then((stream) => this.apiServers.push(this.#serveApi(stream)))
      .catch(unused);
    this.broker.accept(DriverMuxId).catch(unused);
    const reply = await this.hooks.call(
      "Plugin.OnActivate",
      { args: ActivateArgs, returns: ActivateReturns },
      { APIMuxId, DriverMuxId },
    );
    return reply.A;
  }

  #serveApi(stream: Stream): RpcServer {
    const server = new RpcServer(stream, { registry: this.registry });
    for (const [name, handler] of Object.entries(this.#api)) {
      const method = apiMethods[name as keyof Api];
      const codec = codecOf(method);
      server.handle(`Plugin.${method.go}`, codec.args, codec.returns, async (args) => handler(args));
    }
    server.handle("Plugin.LoadPluginConfiguration", nothing, Configuration, () => ({
      A: new TextEncoder().encode(JSON.stringify({ greeting: "hi" })),
    }));
    this.extraApi?.(server);
    return server;
  }

  /** Adds methods to the API, such as those with streams. */
  extraApi: ((server: RpcServer) => void) | null = null;

  /** Makes one request as the server does. `body`: what the client sends; null: no body stream at all. */
  http(request: Partial<HttpRequest> = {}, options: HttpOptions = {}): Exchange {
    return new Exchange(this, request, options);
  }

  /** Calls MessageHasBeenPosted. */
  posted(Id: string): Promise<unknown> {
    const types = codecOf(hookTable.messageHasBeenPosted);
    return this.hooks.call("Plugin.MessageHasBeenPosted", types, { A: noContext, B: { Id } });
  }

  /** Sends garbage in the place of a call. */
  breakHooks(): void {
    this.#hooksStream?.write(Buffer.alloc(200, 0x7f));
  }

  close(): void {
    this.pair.client.close();
  }
}

export type ApiHandlers = { [name in keyof Api]?: (args: Letters) => Letters | Promise<Letters> };

export interface HttpOptions {
  body?: Uint8Array | null;
  /** The body never arrives. */
  hangs?: boolean;
  /** The client's connection breaks after so many bytes of the body. */
  cutAfter?: number;
  /** Write fails from this call on, as when the client has left. */
  failWrites?: number;
  /** The http.ResponseWriter has no Flush, as on a Mattermost server of 10.11. */
  noFlush?: boolean;
  hook?: "ServeHTTP" | "ServeMetrics";
  context?: Partial<Context>;
}

/** The server's side of one request: records what the plugin called on the http.ResponseWriter. */
export class Exchange {
  status = 200;
  header: GoHeader = {};
  readonly written: Uint8Array[] = [];
  readonly calls: string[] = [];
  cutOff = false;
  /** When set, the next Write waits until it resolves. */
  gate: Promise<void> = Promise.resolve();
  /** The same for SyncHeader. */
  headerGate: Promise<void> | null = null;
  bodyStream: Stream | null = null;
  responseStream: Stream | null = null;
  /** Resolves when the hook has answered. */
  readonly done: Promise<this>;

  constructor(host: TestHost, request: Partial<HttpRequest>, options: HttpOptions) {
    const { broker } = host;
    const [response, body] = [broker.nextId(), options.body === null ? 0 : broker.nextId()];
    broker
      .accept(response)
      .then((stream) => this.#serveWriter(stream, options))
      .catch(unused);
    if (body) {
      broker
        .accept(body)
        .then((stream) => {
          this.bodyStream = stream;
          if (options.hangs) stream.onEnd = () => stream.end();
          if (options.hangs) stream.onData = () => {};
          else serveBody(stream, options.body ?? new Uint8Array(0), options.cutAfter);
        })
        .catch(unused);
    }
    const args: ServeHttpArgs = {
      ResponseWriterStream: response,
      RequestBodyStream: body,
      Context: { ...noContext, RequestId: "request1", ...options.context },
      Request: {
        Method: "GET",
        URL: "/",
        Proto: "HTTP/1.1",
        ProtoMajor: 1,
        ProtoMinor: 1,
        Header: {},
        Host: "mattermost.example.com",
        RemoteAddr: "10.0.0.1:1234",
        RequestURI: "/plugins/x/",
        ...request,
      },
    };
    this.done = host.hooks
      .call(`Plugin.${options.hook ?? "ServeHTTP"}`, { args: ServeHttpArgs, returns: nothing }, args)
      .then(() => this);
  }

  get body(): Uint8Array {
    return Buffer.concat(this.written);
  }

  get text(): string {
    return new TextDecoder().decode(this.body);
  }

  #serveWriter(stream: Stream, { failWrites, noFlush }: HttpOptions): void {
    this.responseStream = stream;
    const server = new RpcServer(stream);
    const note = (call: string) => {
      this.calls.push(call);
      return {};
    };
    server.handle("Plugin.SyncHeader", GoHeader, nothing, async (header) => {
      if (this.headerGate) await this.headerGate;
      this.header = { ...header };
      return note("SyncHeader");
    });
    server.handle("Plugin.WriteHeader", int, nothing, (status) => {
      this.status = status;
      return note("WriteHeader");
    });
    server.handle("Plugin.Write", bytes, nothing, async (chunk) => {
      if (failWrites !== undefined && this.written.length >= failWrites)
        throw new Error("write: broken pipe");
      this.written.push(chunk.slice());
      note("Write");
      await this.gate;
      return {};
    });
    if (!noFlush) server.handle("Plugin.Flush", nothing, nothing, () => note("Flush"));
    server.handle("Plugin.HijackResponse", nothing, nothing, () => note("HijackResponse"));
    server.handle("Plugin.HjConnClose", nothing, nothing, () => {
      this.cutOff = true;
      return note("HjConnClose");
    });
  }
}

/** serveIOReader of the official module, written by hand: signed varints ask, bytes answer, FIN ends. */
function serveBody(stream: Stream, body: Uint8Array, cutAfter = body.length): void {
  let at = 0;
  stream.onEnd = () => stream.end();
  stream.onData = (request) => {
    // Requests always ask for more than there is, so one varint means everything.
    if (request.length === 0) return;
    const rest = body.subarray(at, cutAfter);
    at = cutAfter;
    stream.end(rest.slice());
  };
}

/** A stream that a closing test no longer dials. */
const unused = () => {};

const noContext: Context = {
  SessionId: "",
  ConnectionId: "",
  RequestId: "",
  IPAddress: "",
  AcceptLanguage: "",
  UserAgent: "",
};

interface Activate {
  APIMuxId: number;
  DriverMuxId: number;
}
const ActivateArgs: Type<Activate> = struct<Activate>("Z_OnActivateArgs", () => ({
  APIMuxId: uint32,
  DriverMuxId: uint32,
}));
const ActivateReturns: Type<{ A: unknown }> = struct<{ A: unknown }>("Z_OnActivateReturns", () => ({
  A: any,
}));
const Configuration: Type<{ A: Uint8Array }> = struct<{ A: Uint8Array }>("", () => ({ A: bytes }));
