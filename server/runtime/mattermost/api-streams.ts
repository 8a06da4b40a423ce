import {
  type Broker,
  type CallTypes,
  processSeconds,
  type RpcClient,
  RpcError,
  type Stream,
} from "../goplugin/index.ts";
import { type ApiName, asApiError } from "./api.ts";
import type { ApiLimits } from "./api-limits.ts";
import { serveReader } from "./byte-stream.ts";
import { AppError, GoError } from "./errors.ts";
import { headersFromGo, headersToGo } from "./http/headers.ts";
import { contentLength } from "./http/request.ts";
import type { HttpRequest } from "./http/wire.ts";
import type { Logger } from "./log.ts";
import { RemoteReader } from "./remote-reader.ts";
import { type Api, apiMethods } from "./wire/api.gen.ts";
import type { FileInfo, UploadSession } from "./wire/model.gen.ts";
import type { ByteSource, Input } from "./wire/shapes.ts";
import {
  AttachmentArgs,
  BufferedHttpArgs,
  BufferedHttpReturns,
  ConfigurationReturns,
  FileReturns,
  InstallPluginArgs,
  InstallPluginReturns,
  NoArgs,
  PluginHttpArgs,
  PluginHttpReturns,
  UploadDataArgs,
} from "./wire/streaming-calls.ts";
import { errorFromWire } from "./wire-error.ts";

/** The server's API of one activation, and the streams beside it. */
export interface ApiConnection {
  rpc: RpcClient;
  broker: Broker;
}

type StreamingApi = Pick<
  Api,
  | "loadPluginConfiguration"
  | "pluginHTTP"
  | "installPlugin"
  | "uploadData"
  | "receiveSharedChannelAttachmentSyncMsg"
>;

/** The API methods whose arguments or results cannot travel by value (client_rpc.go of the official module). */
export function makeStreamingApi(
  connected: (name: ApiName) => ApiConnection,
  log: Logger,
  limits: ApiLimits,
): StreamingApi {
  /** Calls a method that reads `source` from a broker stream while it runs. */
  async function lend<A, R>(
    name: ApiName,
    source: ByteSource,
    types: CallTypes<A, R>,
    value: (streamId: number) => A,
  ): Promise<R> {
    const { rpc, broker } = connected(name);
    const id = broker.nextId();
    let called = true;
    const moving = new Moving(limits.idle);
    const lent = broker.accept(id).then((stream) => serveReader(source, stream, moving.moved));
    lent.catch((error) => {
      if (called) log.warn("a stream to the server broke", { method: name, error });
    });
    try {
      return await rpc.call(`Plugin.${apiMethods[name].go}`, types, value(id), moving);
    } catch (error) {
      throw asApiError(error, name);
    } finally {
      called = false;
    }
  }

  return {
    async loadPluginConfiguration() {
      const { rpc } = connected("loadPluginConfiguration");
      const limit = { seconds: limits.usual };
      const { A: json } = await rpc
        .call("Plugin.LoadPluginConfiguration", { args: NoArgs, returns: ConfigurationReturns }, {}, limit)
        .catch((error) => {
          throw asApiError(error, "loadPluginConfiguration");
        });
      return json.length === 0 ? null : JSON.parse(new TextDecoder().decode(json));
    },

    async installPlugin(file, replace) {
      const returns = await lend(
        "installPlugin",
        file,
        { args: InstallPluginArgs, returns: InstallPluginReturns },
        (PluginStreamID) => ({ PluginStreamID, B: replace }),
      );
      if (returns.B) throw AppError.fromWire(returns.B);
      return returns.A;
    },

    async uploadData(us, rd) {
      const session = us as Input<UploadSession> as UploadSession | null;
      const returns = await lend(
        "uploadData",
        rd,
        { args: UploadDataArgs, returns: FileReturns },
        (PluginStreamID) => ({ A: session, PluginStreamID }),
      );
      return orThrow(returns);
    },

    async receiveSharedChannelAttachmentSyncMsg(remoteID, channelID, fi, data) {
      const info = fi as Input<FileInfo> as FileInfo | null;
      const returns = await lend(
        "receiveSharedChannelAttachmentSyncMsg",
        data,
        { args: AttachmentArgs, returns: FileReturns },
        (DataStreamID) => ({ A: remoteID, B: channelID, C: info, DataStreamID }),
      );
      return orThrow(returns);
    },

    async pluginHTTP(input, init) {
      const request = pluginRequest(input, init);
      request.signal.throwIfAborted();
      const { rpc, broker } = connected("pluginHTTP");
      return (
        (await callStreaming(request, rpc, broker, limits)) ?? (await callBuffered(request, rpc, limits))
      );
    },
  };
}

/** The time limit of a call that lends a stream: that many seconds without a byte in either direction. */
class Moving {
  readonly seconds: number;
  #second = processSeconds.now;

  constructor(seconds: number) {
    this.seconds = seconds;
  }

  readonly moved = (): void => {
    this.#second = processSeconds.now;
  };

  progress(): number {
    return this.#second;
  }
}

function orThrow(returns: FileReturns): FileInfo | null {
  const error = errorFromWire(returns.B);
  if (error) throw error;
  return returns.A;
}

// ── PluginHTTP ──────────────────────────────────────────────────────────────────────────────────

/** "/com.mattermost.calls/version" names a plugin and its path. Only the path of a whole URL is used. */
function pluginRequest(input: Request | URL | string, init: RequestInit | undefined): Request {
  if (input instanceof Request) return init ? new Request(input, init) : input;
  return new Request(new URL(input, "http://plugins").href, init);
}

function wireRequest(request: Request): HttpRequest {
  const { pathname, search } = new URL(request.url);
  return {
    Method: request.method,
    URL: pathname + search,
    Proto: "HTTP/1.1",
    ProtoMajor: 1,
    ProtoMinor: 1,
    Header: headersToGo(request.headers),
    Host: "",
    RemoteAddr: "",
    RequestURI: "",
  };
}

/** Returns null when the server is older than PluginHTTPStream. */
async function callStreaming(
  request: Request,
  rpc: RpcClient,
  broker: Broker,
  { idle }: ApiLimits,
): Promise<Response | null> {
  const source = request.body;
  const moving = new Moving(idle);
  const requestId = source ? broker.nextId() : 0;
  const responseId = broker.nextId();
  if (source) {
    broker
      .accept(requestId)
      .then((stream) => serveReader(source, stream, moving.moved))
      .catch(() => {}); // the called plugin sees a broken body; ours sees its answer
  }
  const accepted: Promise<Stream | null> = broker.accept(responseId).catch(() => null);
  let returns: PluginHttpReturns;
  try {
    returns = await rpc.call(
      "Plugin.PluginHTTPStream",
      { args: PluginHttpArgs, returns: PluginHttpReturns },
      { ResponseBodyStream: responseId, Request: wireRequest(request), RequestBodyStream: requestId },
      moving,
    );
  } catch (error) {
    if (error instanceof RpcError && error.message === "rpc: can't find method Plugin.PluginHTTPStream")
      return null;
    throw asApiError(error, "pluginHTTP");
  }
  const stream = await accepted;
  if (!stream) throw new GoError("the server did not send the body of the other plugin's response");
  if (returns.StatusCode < 200) {
    stream.reset();
    throw new GoError(`the other plugin answered with status ${returns.StatusCode}`);
  }
  const headers = headersFromGo(returns.Header);
  if (request.method === "HEAD" || [204, 205, 304].includes(returns.StatusCode)) {
    stream.end();
    return new Response(null, { status: returns.StatusCode, headers });
  }
  const reader = new RemoteReader(stream, {
    framing: "raw",
    expectedBytes: contentLength(headers),
    idleSeconds: idle,
  });
  request.signal.addEventListener("abort", () => stream.reset(request.signal.reason), { once: true });
  return new Response(reader.readable, { status: returns.StatusCode, headers });
}

async function callBuffered(request: Request, rpc: RpcClient, limits: ApiLimits): Promise<Response> {
  const args = { Request: wireRequest(request), RequestBody: await request.bytes() };
  try {
    const { Response: from, ResponseBody } = await rpc.call(
      "Plugin.PluginHTTP",
      { args: BufferedHttpArgs, returns: BufferedHttpReturns },
      args,
      { seconds: limits.slow },
    );
    const status = from?.StatusCode ?? 0;
    if (!from || status < 200) throw new GoError(`the other plugin answered with status ${status}`);
    const body = [204, 205, 304].includes(status) ? null : ResponseBody;
    return new Response(body as Uint8Array<ArrayBuffer> | null, {
      status,
      headers: headersFromGo(from.Header),
    });
  } catch (error) {
    throw asApiError(error, "pluginHTTP");
  }
}
