import { expect, test } from "bun:test";
import fc from "fast-check";
import { nothing, type Stream } from "../../goplugin/index.ts";
import { settle } from "../../goplugin/testing/wire.ts";
import { definePlugin } from "../plugin.ts";
import { TestHost } from "../testing/host.ts";
import { ServeHttpArgs } from "./wire.ts";

/** Set FUZZ_RUNS=20000 for a long run. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 150);

/** What a handler may do, in any combination. */
interface Behaviour {
  read: "nothing" | "some" | "all";
  answer:
    | "empty"
    | "text"
    | "bytes"
    | "stream"
    | "echo"
    | "throws"
    | "stream that fails"
    | "stream that waits";
  status: number;
  size: number;
  delay: boolean;
}

const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  read: fc.constantFrom("nothing", "some", "all"),
  answer: fc.constantFrom(
    "empty",
    "text",
    "bytes",
    "stream",
    "echo",
    "throws",
    "stream that fails",
    "stream that waits",
  ),
  status: fc.constantFrom(200, 201, 204, 304, 404, 500, 599),
  size: fc.integer({ min: 0, max: 700_000 }),
  delay: fc.boolean(),
});

const exchange = fc.record({
  Method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "NONSENSE", ""),
  URL: fc.oneof(fc.webUrl(), fc.string(), fc.constant("/a?b=c")),
  Host: fc.oneof(fc.string(), fc.domain()),
  Header: fc.dictionary(fc.string(), fc.array(fc.string({ unit: "binary" }), { maxLength: 3 }), {
    maxKeys: 4,
  }),
  body: fc.option(fc.integer({ min: 0, max: 600_000 })),
  cutAfter: fc.option(fc.integer({ min: 0, max: 600_000 })),
  failWrites: fc.option(fc.integer({ min: 0, max: 4 })),
  behaviour,
});

async function handle(request: Request, todo: Behaviour): Promise<Response> {
  if (todo.delay) await Bun.sleep(0);
  if (todo.read === "all" && todo.answer !== "echo") await request.bytes();
  if (todo.read === "some") {
    const reader = request.body?.getReader();
    await reader?.read();
    reader?.releaseLock();
  }
  const init = { status: todo.status };
  if (todo.status === 204 || todo.status === 304) return new Response(null, init);
  let left = todo.size;
  const failing = todo.answer === "stream that fails";
  switch (todo.answer) {
    case "empty":
      return new Response(null, init);
    case "text":
      return new Response("x".repeat(todo.size), init);
    case "bytes":
      return new Response(new Uint8Array(todo.size), init);
    case "echo":
      return new Response(request.body, init);
    case "throws":
      throw new Error("the handler throws");
    default:
      return new Response(
        new ReadableStream<Uint8Array>({
          async pull(controller) {
            if (todo.answer !== "stream") await Bun.sleep(0);
            const length = Math.min(left, 50_000);
            if (length === 0) return failing ? controller.error(new Error("it fails")) : controller.close();
            left -= length;
            controller.enqueue(new Uint8Array(length));
          },
        }),
        init,
      );
  }
}

/** The streams that are always open: control, stdout, stderr, hooks, API, driver. */
const baseline = 6;

test("any request, any handler, any failure: the hook is answered and no stream is left open", async () => {
  let todo: Behaviour = { read: "nothing", answer: "empty", status: 200, size: 0, delay: false };
  const host = await TestHost.activated(definePlugin({ serveHTTP: (request) => handle(request, todo) }));
  await fc.assert(
    fc.asyncProperty(exchange, async ({ body, cutAfter, failWrites, behaviour, ...request }) => {
      todo = behaviour;
      const result = await host.http(request, {
        body: body === null ? null : new Uint8Array(body),
        ...(cutAfter === null ? {} : { cutAfter: Math.min(cutAfter, body ?? 0) }),
        ...(failWrites === null ? {} : { failWrites }),
      }).done;
      expect(result.status).toBeWithin(200, 600);
      expect(result.calls.filter((call) => call === "SyncHeader").length).toBeLessThanOrEqual(2);
      if (request.Method === "HEAD" || [204, 304].includes(result.status)) expect(result.body.length).toBe(0);
      const length = result.header["Content-Length"];
      const whole = failWrites === null && !result.cutOff && request.Method !== "HEAD";
      if (length && whole) expect(result.body.length).toBe(Number(length[0]));
      await settle(6);
      expect(host.pair.client.openStreams).toBe(baseline);
    }),
    { numRuns },
  );
  host.close();
}, 600_000);

test("a server that sends garbage on the streams of a request ends that request only", async () => {
  const host = await TestHost.activated(
    definePlugin({ serveHTTP: async (request) => new Response(`read ${(await request.bytes()).length}`) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.constantFrom("response", "body", "both"),
      fc.constantFrom("end", "reset", "silence"),
      async (garbage, where, then) => {
        const { broker } = host;
        const [response, body] = [broker.nextId(), broker.nextId()];
        const talk = (stream: Stream) => {
          stream.onData = () => {};
          stream.write(garbage);
          if (then === "reset") stream.reset();
          else stream.end();
        };
        const done = () => {};
        broker
          .accept(response)
          .then((stream) => (where === "body" ? stream.end() : talk(stream)))
          .catch(done);
        broker
          .accept(body)
          .then((stream) => (where === "response" ? stream.end() : talk(stream)))
          .catch(done);
        const args = {
          ResponseWriterStream: response,
          RequestBodyStream: body,
          Request: { Method: "POST", URL: "/" },
        };
        const answered = host.hooks.call(
          "Plugin.ServeHTTP",
          { args: ServeHttpArgs, returns: nothing },
          args as never,
        );
        // Without an error, the server would turn it into an empty 200.
        await expect(answered).rejects.toThrow("the response is not complete");
      },
    ),
    { numRuns },
  );
  await settle(20);
  expect(host.pair.client.openStreams).toBe(baseline);
  expect(await host.implemented()).toEqual(["OnDeactivate", "ServeHTTP"]);
  host.close();
}, 600_000);
