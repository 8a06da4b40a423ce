import { afterEach, describe, expect, test } from "bun:test";
import { LimitReached } from "../../goplugin/index.ts";
import { settle } from "../../goplugin/testing/wire.ts";
import { definePlugin } from "../plugin.ts";
import { type Exchange, TestHost } from "../testing/host.ts";
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

  test("carries bytes of headers that are no ASCII", async () => {
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

  test("that the handler does not read is not asked for", async () => {
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

describe("a response", () => {
  test("that is there as a whole goes in one write, with its length", async () => {
    const host = await serving(() => Response.json({ ok: true }));
    const exchange = await host.http().done;
    expect(exchange.calls).toEqual(["SyncHeader", "Write"]);
    expect(exchange.header).toEqual({
      "Content-Type": ["application/json;charset=utf-8"],
      "Content-Length": ["11"],
    });
    expect(await openStreams(host)).toBe(baseline);
  });

  test("keeps status, values with more than one header, and cookies apart", async () => {
    const host = await serving(() => {
      const headers = new Headers({
        "x-request-id": "7",
        Connection: "close",
        "Transfer-Encoding": "chunked",
      });
      headers.append("Set-Cookie", "a=1; Path=/");
      headers.append("Set-Cookie", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT");
      headers.append("Vary", "Cookie");
      headers.append("Vary", "Accept");
      return new Response("x", { status: 418, headers });
    });
    const exchange = await host.http().done;
    expect(exchange.status).toBe(418);
    expect(exchange.header).toEqual({
      "Content-Length": ["1"],
      "Content-Type": ["text/plain; charset=utf-8"],
      "Set-Cookie": ["a=1; Path=/", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
      Vary: ["Cookie, Accept"],
      "X-Request-Id": ["7"],
    });
  });

  for (const status of [204, 304]) {
    test(`with status ${status} has no body and no length`, async () => {
      const host = await serving(() => new Response(null, { status, headers: { "content-length": "5" } }));
      const exchange = await host.http().done;
      expect(exchange).toMatchObject({ status, calls: ["SyncHeader", "WriteHeader"] });
      expect(exchange.header).toEqual({});
    });
  }

  test("to HEAD has the length of the body and not the body", async () => {
    const host = await serving(() => new Response("12345"));
    const exchange = await host.http({ Method: "HEAD" }).done;
    expect(exchange.calls).toEqual(["SyncHeader"]);
    expect(exchange.header["Content-Length"]).toEqual(["5"]);
  });

  for (const size of [16_384, 16_385, 131_072, 200_000, 1_048_576]) {
    test(`of ${size} bytes that are there goes whole, with its length`, async () => {
      const bytes = new Uint8Array(size).map((_, i) => i * 31 + (i >> 8));
      const host = await serving(() => new Response(bytes));
      const exchange = await host.http().done;
      expect(exchange.header["Content-Length"]).toEqual([String(size)]);
      expect(Buffer.compare(exchange.body, bytes)).toBe(0);
    });
  }

  test("is streamed as it comes, with a flush when we wait", async () => {
    const host = await serving(
      () =>
        new Response(
          new ReadableStream({
            async start(controller) {
              controller.enqueue(new TextEncoder().encode("one "));
              await Bun.sleep(5);
              controller.enqueue(new TextEncoder().encode("two"));
              controller.close();
            },
          }),
        ),
    );
    const exchange = await host.http().done;
    expect(exchange.calls).toEqual(["SyncHeader", "Write", "Flush", "Write"]);
    expect(exchange.text).toBe("one two");
    expect(exchange.header["Content-Length"]).toBeUndefined();
  });

  test("that is made slowly arrives whole from a server without Flush, which is asked for it once", async () => {
    const host = await serving(
      () =>
        new Response(
          new ReadableStream({
            async start(controller) {
              for (const part of ["one ", "two ", "three"]) {
                controller.enqueue(new TextEncoder().encode(part));
                await Bun.sleep(5);
              }
              controller.close();
            },
          }),
        ),
    );
    const exchange = await host.http({}, { noFlush: true }).done;
    expect(exchange.text).toBe("one two three");
    expect([exchange.cutOff, host.logged]).toEqual([false, []]);
    // The server does not gain a Flush while it runs.
    expect((await host.http().done).calls).not.toContain("Flush");
  });

  test("is produced no faster than the client takes it", async () => {
    let produced = 0;
    const host = await serving(
      () =>
        new Response(
          new ReadableStream(
            {
              pull(controller) {
                produced++;
                controller.enqueue(new Uint8Array(1000));
              },
            },
            { highWaterMark: 0 },
          ),
        ),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    const exchange = host.http();
    exchange.gate = promise;
    await settle(20);
    expect(produced).toBeLessThanOrEqual(3);
    host.close();
    resolve();
    await exchange.done.catch(() => {});
  });

  test("of 3 MB is cut into writes the server can take", async () => {
    const big = new Uint8Array(3_000_000).fill(7);
    const host = await serving(() => new Response(big));
    const exchange = await host.http().done;
    expect(exchange.body.length).toBe(big.length);
    expect(Math.max(...exchange.written.map((chunk) => chunk.length))).toBeLessThanOrEqual(256 * 1024);
  });

  test("to a client that has left ends the handler's stream and the request's signal", async () => {
    let cancelled = false;
    let signal: AbortSignal | undefined;
    const host = await serving((request) => {
      signal = request.signal;
      return new Response(
        new ReadableStream({
          async pull(controller) {
            await Bun.sleep(1);
            controller.enqueue(new Uint8Array(10));
          },
          cancel() {
            cancelled = true;
          },
        }),
      );
    });
    const exchange = host.http({}, { failWrites: 2 });
    await exchange.done; // the hook itself succeeds: an error would make the server write again
    await settle();
    expect(cancelled).toBe(true);
    expect(signal?.aborted).toBe(true);
    // Whatever made the server refuse the Write, the client must not take its part for the whole.
    expect(exchange.cutOff).toBe(true);
    expect(await openStreams(host)).toBe(baseline);
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

describe("a response whose stream breaks is an error of the hook: the server would turn it into an empty 200", () => {
  const breaks: Record<string, (exchange: Exchange) => void> = {
    "the server ends it": (exchange) => exchange.responseStream?.end(),
    "the server resets it": (exchange) => exchange.responseStream?.reset(),
    "the server talks nonsense": (exchange) =>
      exchange.responseStream?.write(new TextEncoder().encode("HTTP/1.1 400\r\n".repeat(20))),
  };
  for (const [name, happen] of Object.entries(breaks)) {
    for (const when of ["before the handler answers", "in the middle of the body"]) {
      // The fake server cannot end a stream on which it still has to answer.
      if (name === "the server ends it" && when === "in the middle of the body") continue;
      test(`${name} ${when}`, async () => {
        const gate = Promise.withResolvers<void>();
        const host = await serving(async () => {
          if (when === "before the handler answers") await gate.promise;
          return new Response("x".repeat(1_000_000));
        });
        const exchange = host.http();
        const outcome = exchange.done.then(
          () => "answered",
          (error: Error) => error.message,
        );
        exchange.gate = gate.promise;
        await settle(10);
        happen(exchange);
        await settle(5);
        gate.resolve();
        expect(await outcome).toStartWith("the response is not complete");
        await settle(10);
        expect((await host.http().done).status).toBe(200);
      });
    }
  }

  test("a Write that the server refuses is not a fault: the client has left", async () => {
    const host = await serving(() => new Response("x".repeat(1_000_000)));
    expect((await host.http({}, { failWrites: 1 }).done).calls).toContain("SyncHeader");
  });
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
