/** A response: status, headers, body, and streams of it that break. */

import { afterEach, describe, expect, test } from "bun:test";
import { until } from "../../../../e2e/until.ts";
import { settle } from "../../goplugin/testing/wire.ts";
import { definePlugin } from "../plugin.ts";
import { type Exchange, TestHost } from "../testing/host.ts";
import type { RequestContext } from "../wire/shapes.ts";

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

/** The streams that are always open: control, stdout, stderr, hooks, API, driver. */
const baseline = 6;

describe("a response", () => {
  test("with a complete body goes in one write, with its length", async () => {
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
    test(`with a complete body of ${size} bytes arrives whole, with its length`, async () => {
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
              await until(() => exchange.calls.includes("Flush"), "a flush");
              controller.enqueue(new TextEncoder().encode("two"));
              controller.close();
            },
          }),
        ),
    );
    const exchange = host.http();
    await exchange.done;
    expect(exchange.calls).toEqual(["SyncHeader", "Write", "Flush", "Write"]);
    expect(exchange.text).toBe("one two");
    expect(exchange.header["Content-Length"]).toBeUndefined();
  });

  test("with a slow body arrives whole from a server without Flush, which is called only once", async () => {
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
    // The server may refuse the Write for another reason: the client must not take a part for the whole response.
    expect(exchange.cutOff).toBe(true);
    expect(await openStreams(host)).toBe(baseline);
  });
});

describe("a response whose stream breaks is an error of the hook: the server would turn it into an empty 200", () => {
  const breaks: Record<string, (exchange: Exchange) => void> = {
    "the server ends it": (exchange) => exchange.responseStream?.end(),
    "the server resets it": (exchange) => exchange.responseStream?.reset(),
    "the server sends garbage": (exchange) =>
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
