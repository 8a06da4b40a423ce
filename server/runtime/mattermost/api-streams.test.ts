import { afterEach, describe, expect, test } from "bun:test";
import { any, bool, bytes, int, pointer, string, struct, type Type, uint32 } from "../gob/index.ts";
import type { RpcServer, Stream } from "../goplugin/index.ts";
import { serveReader } from "./byte-stream.ts";
import { AppError, GoError, NotSupportedByServer } from "./errors.ts";
import type { PluginHost } from "./host.ts";
import { GoHeader, HttpRequest } from "./http/wire.ts";
import { definePlugin } from "./plugin.ts";
import { RemoteReader } from "./remote-reader.ts";
import { TestHost } from "./testing/host.ts";
import { AppError as AppErrorType, FileInfo, Manifest, UploadSession } from "./wire/model.gen.ts";
import { appErrorToWire, errorToWire } from "./wire-error.ts";

const hosts: TestHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

type Fields = Record<string, unknown>;
const fields = (types: Record<string, Type<unknown>>): Type<Fields> => struct<Fields>("", () => types);
const nil = new Uint8Array(0);

async function connected(serve: (server: RpcServer, host: TestHost) => void): Promise<PluginHost> {
  let seen: PluginHost | undefined;
  const host = await TestHost.start(
    definePlugin((h) => {
      seen = h;
      return {};
    }),
  );
  host.extraApi = (server) => serve(server, host);
  hosts.push(host);
  await host.activate();
  await Bun.sleep(0);
  return seen as PluginHost;
}

const readAll = (stream: Stream, expectedBytes: number | null = null) =>
  new Response(new RemoteReader(stream, { expectedBytes }).readable).bytes();

const file = new Uint8Array(600_011).map((_, i) => i % 241);

describe("methods that lend a reader", () => {
  const sources: [string, () => Parameters<PluginHost["api"]["installPlugin"]>[0]][] = [
    ["bytes", () => file],
    ["a Blob", () => new Blob([file])],
    ["a ReadableStream", () => new Response(file).body as ReadableStream<Uint8Array>],
    [
      "an async generator",
      async function* () {
        for (let at = 0; at < file.length; at += 999) yield file.subarray(at, at + 999);
      },
    ],
  ];
  for (const [name, source] of sources) {
    test(`installPlugin streams ${name}`, async () => {
      let received: Uint8Array = nil;
      const { api } = await connected((server, { broker }) => {
        server.handle(
          "Plugin.InstallPlugin",
          fields({ PluginStreamID: uint32, B: bool }),
          fields({ A: pointer(Manifest), B: pointer(AppErrorType) }),
          async ({ PluginStreamID, B }) => {
            received = await readAll(broker.dial(PluginStreamID as number));
            return { A: { Id: `replaced ${B}` } };
          },
        );
      });
      expect((await api.installPlugin(source(), true))?.Id).toBe("replaced true");
      expect(Buffer.compare(received, file)).toBe(0);
    });
  }

  test("installPlugin throws the server's AppError", async () => {
    const { api } = await connected((server) => {
      server.handle(
        "Plugin.InstallPlugin",
        fields({ PluginStreamID: uint32, B: bool }),
        fields({ A: pointer(Manifest), B: pointer(AppErrorType) }),
        () => ({ B: appErrorToWire(new AppError("not signed", { statusCode: 400 })) }),
      );
    });
    expect(api.installPlugin(file, false)).rejects.toMatchObject({ name: "AppError", statusCode: 400 });
  });

  test("uploadData streams", async () => {
    let received: Uint8Array = nil;
    const { api } = await connected((server, { broker }) => {
      server.handle(
        "Plugin.UploadData",
        fields({ A: pointer(UploadSession), PluginStreamID: uint32 }),
        fields({ A: pointer(FileInfo), B: any }),
        async ({ A, PluginStreamID }) => {
          received = await readAll(broker.dial(PluginStreamID as number));
          return { A: { Name: (A as UploadSession).Filename } };
        },
      );
    });
    expect((await api.uploadData({ Filename: "x.png" }, "some text"))?.Name).toBe("x.png");
    expect(new TextDecoder().decode(received)).toBe("some text");
  });

  test("receiveSharedChannelAttachmentSyncMsg streams, and throws Go's error", async () => {
    const { api } = await connected((server, { broker }) => {
      server.handle(
        "Plugin.ReceiveSharedChannelAttachmentSyncMsg",
        fields({ A: string, B: string, C: pointer(FileInfo), DataStreamID: uint32 }),
        fields({ A: pointer(FileInfo), B: any }),
        async ({ A, B, C, DataStreamID }) => {
          const { length } = await readAll(broker.dial(DataStreamID as number));
          return { B: errorToWire(new GoError(`${A} ${B} ${(C as FileInfo).Name} ${length}`)) };
        },
      );
    });
    const failing = api.receiveSharedChannelAttachmentSyncMsg("remote", "channel", { Name: "n" }, file);
    expect(failing).rejects.toMatchObject({ name: "GoError", message: `remote channel n ${file.length}` });
  });

  test("a failing source is a broken stream for the server, not a short file", async () => {
    const { api } = await connected((server, { broker }) => {
      server.handle(
        "Plugin.UploadData",
        fields({ A: pointer(UploadSession), PluginStreamID: uint32 }),
        fields({ A: pointer(FileInfo), B: any }),
        async ({ PluginStreamID }) => {
          const outcome = await readAll(broker.dial(PluginStreamID as number)).catch((error) => error);
          return { B: errorToWire(outcome) };
        },
      );
    });
    async function* source() {
      yield Uint8Array.of(1, 2, 3);
      throw new Error("disk failed");
    }
    expect(api.uploadData({}, source())).rejects.toThrow("reset");
  });

  test("a source stays unread when the server does not have the method", async () => {
    const { api } = await connected(() => {});
    let read = false;
    const source = (async function* () {
      read = true;
      yield nil;
    })();
    expect(api.uploadData({}, source)).rejects.toBeInstanceOf(NotSupportedByServer);
    await Bun.sleep(5);
    expect(read).toBe(false);
  });
});

/** Plays PluginHTTPStream of the server: raw bytes on the response stream, varints on the request's. */
function otherPlugin(answer: (request: HttpRequest, body: Uint8Array) => Response | null) {
  return (server: RpcServer, { broker }: TestHost) => {
    server.handle(
      "Plugin.PluginHTTPStream",
      fields({ ResponseBodyStream: uint32, Request: HttpRequest, RequestBodyStream: uint32 }),
      fields({ StatusCode: int, Header: GoHeader }),
      async ({ ResponseBodyStream, Request: request, RequestBodyStream }) => {
        const stream = broker.dial(ResponseBodyStream as number);
        const body = RequestBodyStream ? await readAll(broker.dial(RequestBodyStream as number)) : nil;
        const response = answer(request as HttpRequest, body);
        if (!response) return {}; // the real server forgets the stream in this case
        const header: GoHeader = {};
        response.headers.forEach((value, name) => {
          header[name.replace(/^./, (first) => first.toUpperCase())] = [value];
        });
        response.bytes().then((all) => stream.end(all));
        return { StatusCode: response.status, Header: header };
      },
    );
  };
}

describe("pluginHTTP", () => {
  test("is like fetch, to another plugin's path", async () => {
    let seen: HttpRequest | undefined;
    const { api } = await connected(
      otherPlugin((request, body) => {
        seen = request;
        return new Response(body, { status: 201, headers: { "x-size": String(body.length) } });
      }),
    );
    const response = await api.pluginHTTP("/com.mattermost.calls/version?x=1", {
      method: "POST",
      headers: { "x-request-id": "7" },
      body: file,
    });
    expect(seen).toMatchObject({
      Method: "POST",
      URL: "/com.mattermost.calls/version?x=1",
      Header: { "X-Request-Id": ["7"] },
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-size")).toBe(String(file.length));
    expect(Buffer.compare(await response.bytes(), file)).toBe(0);
  });

  for (const input of [
    "/p/x",
    new URL("http://anywhere/p/x"),
    new Request("http://anywhere/p/x", { headers: { a: "b" } }),
  ]) {
    test(`takes a ${input.constructor.name}`, async () => {
      const { api } = await connected(otherPlugin((request) => new Response(request.URL)));
      expect(await (await api.pluginHTTP(input)).text()).toBe("/p/x");
    });
  }

  test("answers 204 and HEAD without a body", async () => {
    const { api } = await connected(otherPlugin(() => new Response(null, { status: 204 })));
    expect((await api.pluginHTTP("/p/x")).status).toBe(204);
    expect(await (await api.pluginHTTP("/p/x", { method: "HEAD" })).text()).toBe("");
  });

  test("throws when there is no such plugin", async () => {
    const { api } = await connected(otherPlugin(() => null));
    expect(api.pluginHTTP("/p/x")).rejects.toBeInstanceOf(GoError);
  });

  test("fails a body that is shorter than it says", async () => {
    const { api } = await connected(
      otherPlugin(() => new Response("short", { headers: { "content-length": "500" } })),
    );
    const response = await api.pluginHTTP("/p/x");
    expect(response.text()).rejects.toThrow("5 of 500");
  });

  test("is not sent when its signal is already aborted", async () => {
    let called = false;
    const { api } = await connected(
      otherPlugin(() => {
        called = true;
        return new Response("x");
      }),
    );
    expect(api.pluginHTTP("/p/x", { signal: AbortSignal.abort() })).rejects.toThrow();
    await Bun.sleep(1);
    expect(called).toBe(false);
  });

  test("falls back to the buffered form of older servers", async () => {
    const { api } = await connected((server) => {
      server.handle(
        "Plugin.PluginHTTP",
        fields({ Request: HttpRequest, RequestBody: bytes }),
        fields({ Response: pointer(fields({ StatusCode: int, Header: GoHeader })), ResponseBody: bytes }),
        ({ RequestBody }) => ({
          Response: { StatusCode: 202, Header: { "X-Old": ["yes"] } },
          ResponseBody: RequestBody,
        }),
      );
    });
    const response = await api.pluginHTTP("/p/x", { method: "PUT", body: "some text" });
    expect(response.status).toBe(202);
    expect(response.headers.get("x-old")).toBe("yes");
    expect(await response.text()).toBe("some text");
  });
});

test("serveReader stops when the reader closes, and releases the source", async () => {
  let returned = false;
  const source = (async function* () {
    try {
      for (;;) yield new Uint8Array(50_000);
    } finally {
      returned = true;
    }
  })();
  await connected(() => {});
  const host = hosts[0] as TestHost;
  const lent = host.pair.client.open();
  const received = Promise.withResolvers<Stream>();
  host.pair.server.onStream = (stream) => received.resolve(stream);
  lent.write(Uint8Array.of(0x80, 0x80, 0x40)); // signed varint: 524,288 bytes
  const serving = serveReader(source, await received.promise);
  let got = 0;
  lent.onData = (chunk) => {
    got += chunk.length;
    if (got > 100_000) lent.end();
  };
  await serving;
  expect(returned).toBe(true);
});
