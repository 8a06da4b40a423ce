import { bytes, int } from "../../../server/runtime/gob/index.ts";
import { type Broker, nothing, type RpcClient, RpcServer } from "../../../server/runtime/goplugin/index.ts";
import { serveReader } from "../../../server/runtime/mattermost/byte-stream.ts";
import { headersToGo } from "../../../server/runtime/mattermost/http/headers.ts";
import { GoHeader, ServeHttpArgs } from "../../../server/runtime/mattermost/http/wire.ts";
import type { Context } from "../../../server/runtime/mattermost/wire/model.gen.ts";
import { registry } from "./plugin-wire.ts";

/**
 * Answers up to this size are sent in one piece with a Content-Length; longer or flushed ones are streamed.
 */
const BUFFERED_BYTES = 64 * 1024;

/**
 * One HTTP request during ServeHTTP: the plugin dials a stream to write the answer (Header, SyncHeader, WriteHeader,
 * Write, Flush) and one to read the body.
 */
export class HookRequest {
  readonly #request: Request;
  readonly #target: string;
  readonly #context: Context;

  /** `target`: path and query without /plugins/<id>. Pass only headers that the plugin may see. */
  constructor(request: Request, target: string, context: Context) {
    this.#request = request;
    this.#target = target;
    this.#context = context;
  }

  async run(hook: "ServeHTTP" | "ServeMetrics", hooks: RpcClient, broker: Broker): Promise<Response> {
    const [ResponseWriterStream, RequestBodyStream] = [broker.nextId(), broker.nextId()];
    const answer = new Answer();
    const writer = broker.accept(ResponseWriterStream).then((stream) => {
      const server = new RpcServer(stream, { registry });
      server.handle("Plugin.Header", nothing, GoHeader, () => ({}));
      server.handle("Plugin.SyncHeader", GoHeader, nothing, (headers) => answer.setHeaders(headers));
      server.handle("Plugin.WriteHeader", int, nothing, (status) => answer.setStatus(status));
      server.handle("Plugin.Write", bytes, nothing, (chunk) => answer.write(chunk.slice()));
      server.handle("Plugin.Flush", nothing, nothing, () => answer.flush());
    });
    const body = broker
      .accept(RequestBodyStream)
      .then((stream) => serveReader(this.#request.body ?? new Uint8Array(), stream));
    // Both streams belong to the plugin, which may end before it has read or dialled them.
    void Promise.allSettled([writer, body]);

    const args = {
      ResponseWriterStream,
      RequestBodyStream,
      Context: this.#context,
      Request: {
        Method: this.#request.method,
        URL: this.#target,
        Proto: "HTTP/1.1",
        ProtoMajor: 1,
        ProtoMinor: 1,
        Header: headersToGo(this.#request.headers),
        Host: this.#request.headers.get("host") ?? "",
        RemoteAddr: "127.0.0.1:0",
        RequestURI: this.#target,
      },
    };
    hooks.call(`Plugin.${hook}`, { args: ServeHttpArgs, returns: nothing }, args).then(
      () => answer.end(),
      (error) => answer.fail(error),
    );
    return answer.response;
  }
}

/** The server's side of http.ResponseWriter. */
class Answer {
  readonly response: Promise<Response>;
  #respond: (response: Response) => void;
  #status = 0;
  #headers: Record<string, string[]> = {};
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #gone = false;
  #wake: (() => void) | null = null;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<Response>();
    this.response = promise;
    this.#respond = resolve;
  }

  setHeaders(headers: Record<string, string[]>): Record<never, never> {
    this.#headers = headers;
    return {};
  }

  setStatus(status: number): Record<never, never> {
    if (status < 100 || status > 999) throw new Error("invalid http status code");
    this.#status ||= status;
    return {};
  }

  async write(chunk: Uint8Array): Promise<Record<never, never>> {
    if (this.#gone) throw new Error("write: broken pipe");
    this.#status ||= 200;
    if (!this.#controller) {
      this.#held.push(chunk);
      this.#heldBytes += chunk.length;
      if (this.#heldBytes > BUFFERED_BYTES) this.flush();
      return {};
    }
    this.#controller.enqueue(chunk);
    while (!this.#gone && (this.#controller.desiredSize ?? 1) <= 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return {};
  }

  /** From here on the answer is streamed. */
  flush(): Record<never, never> {
    if (this.#controller || this.#gone) return {};
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          for (const chunk of this.#held) controller.enqueue(chunk);
        },
        pull: () => this.#wake?.(),
        cancel: () => {
          this.#gone = true;
          this.#wake?.();
        },
      },
      { highWaterMark: 4 },
    );
    this.#held = [];
    this.#respond(new Response(body, this.#head()));
    return {};
  }

  end(): void {
    if (this.#controller) {
      if (!this.#gone) this.#controller.close();
      return;
    }
    const { status, headers } = this.#head();
    const empty = [101, 204, 205, 304].includes(status);
    this.#respond(new Response(empty ? null : Buffer.concat(this.#held), { status, headers }));
  }

  /** If the hook itself fails, e.g. because the process is gone, answers like the real server. */
  fail(error: unknown): void {
    if (this.#controller) {
      if (!this.#gone) this.#controller.error(error);
      return;
    }
    this.#respond(new Response("500 internal server error", { status: 500 }));
  }

  #head(): { status: number; headers: Headers } {
    const headers = new Headers();
    for (const [name, values] of Object.entries(this.#headers))
      for (const value of values) headers.append(name, value);
    return { status: this.#status || 200, headers };
  }
}
