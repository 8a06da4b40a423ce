import { afterEach, describe, expect, test } from "bun:test";
import { Seconds } from "../../goplugin/index.ts";
import { settle } from "../../goplugin/testing/wire.ts";
import { definePlugin } from "../plugin.ts";
import { RemoteReader } from "../remote-reader.ts";
import { TestHost } from "../testing/host.ts";
import { HttpExchanges, WaitingBodies } from "./exchanges.ts";
import { MAX_BODIES_PER_ROUTE, MAX_REQUESTS } from "./limits.ts";

const hosts: TestHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

async function serving(serveHTTP: (request: Request) => Response | Promise<Response>): Promise<TestHost> {
  const host = await TestHost.activated(definePlugin({ serveHTTP }));
  hosts.push(host);
  return host;
}

describe("request bodies in progress", () => {
  const body = (name: string, given: string[]) => ({ giveUp: () => given.push(name) });

  test("beyond a route's limit, the oldest body of that route is dropped", () => {
    const bodies = new WaitingBodies({ bodies: 10, bodiesPerRoute: 2 });
    const given: string[] = [];
    bodies.add("GET /other", body("other", given));
    for (const name of ["a", "b", "c", "d"]) bodies.add("POST /session", body(name, given));
    expect(given).toEqual(["a", "b"]);
  });

  test("beyond the total limit, the oldest body of all is dropped", () => {
    const bodies = new WaitingBodies({ bodies: 2, bodiesPerRoute: 2 });
    const given: string[] = [];
    for (const name of ["a", "b", "c"]) bodies.add(`POST /${name}`, body(name, given));
    expect(given).toEqual(["a"]);
  });

  test("bodies that have arrived take no room", () => {
    const bodies = new WaitingBodies({ bodies: 2, bodiesPerRoute: 2 });
    const given: string[] = [];
    for (const name of ["a", "b", "c", "d"]) {
      const each = body(name, given);
      bodies.add("POST /session", each);
      bodies.delete(each);
    }
    expect(given).toEqual([]);
  });
});

describe("the time limit of a body", () => {
  function reading(options: { idleSeconds?: number; totalSeconds?: number }) {
    const seconds = Seconds.byHand();
    const stream = {
      onReset: null,
      onEnd: null,
      onData: null as ((chunk: Uint8Array) => void) | null,
      calls: [] as string[],
      write: () => true,
      end: () => stream.calls.push("end"),
      reset: () => stream.calls.push("reset"),
      pause: () => {},
      resume: () => {},
    };
    const reader = new RemoteReader(stream as never, { ...options, seconds });
    const pass = (n: number) => {
      for (let i = 0; i < n; i++) seconds.tick();
    };
    return { stream, body: reader.readable.getReader(), pass };
  }

  test("no byte for that long is an error, and the stream is reset", async () => {
    const { body, pass, stream } = reading({ idleSeconds: 10 });
    const read = body.read();
    await settle(2);
    pass(10);
    await expect(read).rejects.toThrow("nothing came for 10 s");
    expect(stream.calls[0]).toBe("reset");
  });

  test("each byte extends the time, up to the total limit", async () => {
    const { body, pass, stream } = reading({ idleSeconds: 10, totalSeconds: 25 });
    for (let i = 0; i < 2; i++) {
      const read = body.read();
      await settle(2);
      pass(9);
      stream.onData?.(new Uint8Array(1));
      expect((await read).value?.length).toBe(1);
    }
    const last = body.read();
    await settle(2);
    pass(7);
    await expect(last).rejects.toThrow("not complete within 25 s");
  });

  test("a slow reader is not the client's fault", async () => {
    const { body, pass, stream } = reading({ idleSeconds: 10 });
    const read = body.read();
    await settle(2);
    stream.onData?.(new Uint8Array(1));
    await read;
    pass(100);
    const next = body.read();
    await settle(2);
    stream.onData?.(new Uint8Array(2));
    expect((await next).value?.length).toBe(2);
  });
});

test("thousands of bodies that never arrive: pages are still served, and a complete body gets through", async () => {
  const host = await serving(async (request) => {
    if (request.method === "GET") return new Response("page");
    return new Response(`read ${(await request.text()).length}`);
  });
  const hung = Array.from({ length: 4_000 }, () =>
    host.http({ Method: "POST", URL: "/session", Header: { "Content-Length": ["100"] } }, { hangs: true }),
  );
  let statuses: number[] = [];
  // On a busy machine the host gives some of them up after its five seconds, before it has their answer.
  let givenUp = 0;
  for (const exchange of hung)
    exchange.done.then(
      () => statuses.push(exchange.status),
      () => {
        givenUp += 1;
      },
    );
  await settle(60);
  expect((await host.http({ URL: "/tab" }).done).text).toBe("page");
  const body = new TextEncoder().encode("x".repeat(100));
  const header = { "Content-Length": ["100"] };
  const real = await host.http({ Method: "POST", URL: "/session", Header: header }, { body }).done;
  expect(real.text).toBe("read 100");
  // All but those that still wait have their answer; the request above took the place of one more.
  while (statuses.length + givenUp < 4_000 - MAX_BODIES_PER_ROUTE) await settle(10);
  expect(statuses.length).toBeGreaterThan(0);
  statuses = [...new Set(statuses)].sort();
  expect(statuses.every((status) => status === 408 || status === 503)).toBe(true);
}, 60_000);

test("requests beyond the limit get a 503 at once, and hooks still run", async () => {
  const gate = Promise.withResolvers<void>();
  let posts = 0;
  const host = await TestHost.activated(
    definePlugin({
      serveHTTP: async () => {
        await gate.promise;
        return new Response("late");
      },
      messageHasBeenPosted: () => {
        posts++;
      },
    }),
  );
  hosts.push(host);
  const waiting = Array.from({ length: MAX_REQUESTS }, () => host.http({ URL: "/slow" }, { body: null }));
  await settle(40);
  const refused = await host.http({ URL: "/tab" }).done;
  expect([refused.status, refused.header["Retry-After"]]).toEqual([503, ["1"]]);
  await host.posted("p");
  expect(posts).toBe(1);
  gate.resolve();
  expect((await Promise.all(waiting.map(({ done }) => done))).every((each) => each.text === "late")).toBe(
    true,
  );
  expect((await host.http({ URL: "/tab" }).done).text).toBe("late");
}, 60_000);

describe("requests in progress", () => {
  const exchange = (stuck: boolean) => {
    const calls: unknown[] = [];
    return {
      calls,
      everySecond: (now: number) => calls.push(now),
      isStuck: () => stuck,
      giveUp: (reason: Error) => calls.push(reason.message),
      stop: async () => void calls.push("stop"),
    };
  };

  test("are checked once a second until they end", () => {
    const seconds = Seconds.byHand();
    const exchanges = new HttpExchanges({}, seconds);
    const one = exchange(false);
    exchanges.admit(one);
    seconds.tick();
    exchanges.delete(one);
    seconds.tick();
    expect(one.calls).toEqual([1]);
  });

  test("give up their place only while they wait for a client who does not read", () => {
    const exchanges = new HttpExchanges({ requests: 2 }, Seconds.byHand());
    const [works, stuck] = [exchange(false), exchange(true)];
    expect([works, stuck, exchange(false), exchange(false)].map((each) => exchanges.admit(each))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect([works.calls, stuck.calls]).toEqual([[], ["it had to make room for newer requests"]]);
  });
});
