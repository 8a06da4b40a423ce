import { afterEach, describe, expect, test } from "bun:test";
import { LimitReached } from "../../goplugin/index.ts";
import { settle } from "../../goplugin/testing/wire.ts";
import { definePlugin } from "../plugin.ts";
import { TestHost } from "../testing/host.ts";
import type { RequestContext } from "../wire/shapes.ts";
import { serveHttp } from "./serve.ts";

type Handler = (request: Request, context: RequestContext) => Response | Promise<Response>;

const hosts: TestHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

async function serving(serveHTTP: Handler): Promise<TestHost> {
  const host = await TestHost.activated(definePlugin({ serveHTTP }));
  hosts.push(host);
  return host;
}

async function openStreams(host: TestHost): Promise<number> {
  await settle(10);
  return host.pair.client.openStreams;
}

describe("a request", () => {
  test("is a web-standard Request, with what the server knows beside it", async () => {
    let seen: { request: Request; context: RequestContext } | undefined;
    const host = await serving((request, context) => {
      seen = { request, context };
      return new Response(null);
    });
    await host.http(
      {
        URL: "/tab?x=%20y",
        Header: {
          "Mattermost-User-Id": ["user1"],
          Accept: ["text/html", "text/plain"],
          Cookie: ["a=1", "b=2"],
        },
      },
      { context: { IPAddress: "10.1.2.3" } },
    ).done;
    expect(seen?.request.url).toBe("http://mattermost.example.com/tab?x=%20y");
    expect(seen?.request.method).toBe("GET");
    expect(seen?.request.headers.get("accept")).toBe("text/html, text/plain");
    expect(seen?.request.headers.get("cookie")).toBe("a=1; b=2");
    expect(seen?.context).toMatchObject({
      userId: "user1",
      sourcePluginId: null,
      IPAddress: "10.1.2.3",
      RequestId: "request1",
    });
  });

  const targets = [
    { URL: "//evil.example/x", url: "http://mattermost.example.com//evil.example/x" },
    { URL: "http://evil.example/x", url: "http://mattermost.example.com/http://evil.example/x" },
    { URL: "/x", Host: "evil.example/@", url: "http://localhost/x" },
    { URL: "/x", Host: "", url: "http://localhost/x" },
    { URL: "/x", Host: "[::1]:8065", url: "http://[::1]:8065/x" },
  ];
  for (const { url, ...request } of targets) {
    test(`for ${JSON.stringify(request)} stays on its host`, async () => {
      const host = await serving((r) => new Response(r.url));
      expect((await host.http(request).done).text).toBe(url);
    });
  }

  test("carries bytes of headers that are not ASCII", async () => {
    const host = await serving(
      (r) => new Response(null, { headers: { "x-name": r.headers.get("x-name") ?? "" } }),
    );
    const exchange = await host.http({ Header: { "X-Name": ["Zoë"] } }).done;
    expect(exchange.header["X-Name"]).toEqual(["Zoë"]);
  });

  for (const [name, request] of Object.entries({
    "header name": { Header: { "bad name": ["x"] } },
    "header value": { Header: { "X-A": ["a\nb"] } },
    "method that Bun does not know": { Method: "FOO" },
    "method that is none": { Method: "a b" },
  })) {
    test(`with a ${name} that no Request can hold is a bad request`, async () => {
      const host = await serving(() => new Response("reached"));
      expect(await host.http(request).done).toMatchObject({ status: 400, text: "Bad Request\n" });
      expect(await openStreams(host)).toBe(baseline);
    });
  }

  test("to upgrade to a WebSocket is refused without asking the plugin", async () => {
    const host = await serving(() => new Response("reached"));
    const exchange = await host.http({ Header: { Upgrade: ["WebSocket"], Connection: ["Upgrade"] } }).done;
    expect(exchange.status).toBe(501);
  });
});

/** The streams that are always open: control, stdout, stderr, hooks, API, driver. */
const baseline = 6;

describe("a request body", () => {
  const body = new Uint8Array(1_000_003).map((_, i) => i % 251);

  test("streams to the handler", async () => {
    let received = 0;
    const host = await serving(async (request) => {
      for await (const chunk of request.body ?? []) received += chunk.length;
      return new Response(null, { status: 204 });
    });
    await host.http({ Method: "POST", Header: { "Content-Length": [String(body.length)] } }, { body }).done;
    expect(received).toBe(body.length);
    expect(await openStreams(host)).toBe(baseline);
  });

  test("is echoed byte for byte", async () => {
    const host = await serving((request) => new Response(request.body));
    const exchange = await host.http({ Method: "PUT" }, { body }).done;
    expect(Buffer.compare(exchange.body, body)).toBe(0);
  });

  test("that the handler does not read is not requested from the server", async () => {
    const host = await serving(() => new Response("no"));
    const exchange = await host.http({ Method: "POST" }, { body }).done;
    expect(exchange.text).toBe("no");
    expect(await openStreams(host)).toBe(baseline);
  });

  test("that was not read to its end closes the client's connection: Go would read on before it answers", async () => {
    const host = await serving(async (request) => {
      if (request.url.endsWith("/reads")) await request.bytes();
      return new Response("no");
    });
    const closes = async (URL: string, more: object = {}, given: Uint8Array | null = body) =>
      (await host.http({ Method: "POST", URL, ...more }, { body: given }).done).header.Connection;
    expect(await closes("/refuses")).toEqual(["close"]);
    expect(await closes("/reads")).toBeUndefined();
    expect(await closes("/refuses", { ProtoMajor: 2 })).toBeUndefined();
    expect(await closes("/none", { Method: "GET" }, new Uint8Array(0))).toBeUndefined();
    expect(await closes("/none", { Header: { "Content-Length": ["0"] } }, null)).toBeUndefined();
  });

  test("of which the handler reads a part leaves nothing behind", async () => {
    const host = await serving(async (request) => {
      const reader = request.body?.getReader();
      await reader?.read();
      return new Response("enough");
    });
    expect((await host.http({ Method: "POST" }, { body }).done).text).toBe("enough");
    expect(await openStreams(host)).toBe(baseline);
  });

  test("cut short is an error and an abort, not an end", async () => {
    let failure: unknown;
    let aborted = false;
    const host = await serving(async (request) => {
      request.signal.addEventListener("abort", () => {
        aborted = true;
      });
      failure = await request.bytes().catch((error) => error);
      return new Response("too late");
    });
    await host.http({ Method: "POST", Header: { "Content-Length": ["1000003"] } }, { body, cutAfter: 5000 })
      .done;
    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).toContain("5000 of 1000003");
    expect(aborted).toBe(true);
  });

  test("of unknown length simply ends", async () => {
    const host = await serving(async (request) => new Response(String((await request.bytes()).length)));
    expect((await host.http({ Method: "POST" }, { body, cutAfter: 5000 }).done).text).toBe("5000");
  });

  test("may be missing altogether", async () => {
    const host = await serving(async (request) => new Response(`[${await request.text()}]`));
    expect((await host.http({ Method: "POST" }, { body: null }).done).text).toBe("[]");
  });
});

test("a response stream that breaks aborts the signal of a handler that still works", async () => {
  const aborted = Promise.withResolvers<unknown>();
  const host = await serving(async ({ signal }) => {
    signal.addEventListener("abort", () => aborted.resolve(signal.reason));
    await aborted.promise;
    return new Response("to nobody");
  });
  const exchange = host.http();
  const outcome = exchange.done.catch((error: Error) => error.message);
  await settle(5);
  exchange.responseStream?.reset();
  expect(await aborted.promise).toBeInstanceOf(Error);
  expect(await outcome).toStartWith("the response is not complete");
});

describe("a handler that fails", () => {
  const failures: Record<string, Handler> = {
    throws: () => {
      throw new Error("secret detail");
    },
    rejects: async () => Promise.reject(new Error("secret detail")),
    "answers nothing": () => undefined as unknown as Response,
    "answers what only looks like a Response": () => ({ status: 200, headers: {} }) as Response,
    "answers Response.error()": () => Response.error(),
    "answers with a body that fails at once": () =>
      new Response(
        new ReadableStream({
          pull() {
            throw new Error("secret detail");
          },
        }),
      ),
  };
  for (const [name, handler] of Object.entries(failures)) {
    test(`(${name}) becomes a 500 that says nothing of the reason`, async () => {
      const host = await serving(handler);
      const exchange = await host.http().done;
      expect(exchange).toMatchObject({ status: 500, text: "Internal Server Error\n" });
      expect(await openStreams(host)).toBe(baseline);
      expect(host.logged).toHaveLength(1);
      expect(host.logged[0]).toMatch(/^re(quest|sponse) failed error .*method GET request_id request1$/s);
    });
  }

  test("in the middle of the body cuts the client's connection", async () => {
    const host = await serving(
      () =>
        new Response(
          new ReadableStream({
            async pull(controller) {
              await Bun.sleep(2);
              controller.enqueue(new Uint8Array(10));
              controller.error(new Error("half way"));
            },
          }),
        ),
    );
    const exchange = await host.http().done;
    expect([exchange.cutOff, exchange.status]).toEqual(
      exchange.written.length > 0 ? [true, 200] : [false, 500],
    );
  });

  test("in the middle of a body the client has begun to read", async () => {
    let turn = 0;
    const host = await serving(
      () =>
        new Response(
          new ReadableStream({
            async pull(controller) {
              await Bun.sleep(2);
              if (turn++ === 1) throw new Error("half way");
              controller.enqueue(new Uint8Array(10));
            },
          }),
        ),
    );
    const exchange = await host.http().done;
    expect(exchange).toMatchObject({ cutOff: true, status: 200 });
    expect(exchange.body.length).toBe(10);
  });
});

test("500 requests at once are all answered, and leave no stream behind", async () => {
  const host = await serving(async (request) => {
    await Bun.sleep(1);
    return new Response(request.url.slice(-4));
  });
  const exchanges = await Promise.all(
    Array.from({ length: 500 }, (_, i) => host.http({ URL: `/${1000 + i}` }).done),
  );
  expect(exchanges.every((exchange, i) => exchange.text === String(1000 + i))).toBe(true);
  expect(await openStreams(host)).toBe(baseline);
});

test("a request of which one stream cannot be opened leaves no other open", async () => {
  const calls: string[] = [];
  const broker = {
    dial: () => {
      if (calls.push("dial") === 2) throw new LimitReached("too many streams are open");
      return { reset: () => calls.push("reset") };
    },
  };
  const args = { ResponseWriterStream: 1, RequestBodyStream: 2 };
  await expect(serveHttp(args as never, { broker } as never)).rejects.toThrow("too many streams");
  expect(calls).toEqual(["dial", "dial", "reset"]);
});

test("ServeMetrics is served the same way", async () => {
  const host = await TestHost.activated(definePlugin({ serveMetrics: () => new Response("up 1\n") }));
  hosts.push(host);
  expect((await host.http({ URL: "/metrics" }, { hook: "ServeMetrics" }).done).text).toBe("up 1\n");
});
