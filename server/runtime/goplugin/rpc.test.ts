import { describe, expect, test } from "bun:test";
import { Encoder, GobError, int, string, struct, type Type } from "../gob/index.ts";
import { ConnectionLost, LimitReached, ProtocolError, RpcError, StreamReset } from "./errors.ts";
import { MAX_PENDING_CALLS } from "./limits.ts";
import { nothing, requestType, responseType } from "./rpc.ts";
import { RpcClient } from "./rpc-client.ts";
import { RpcServer } from "./rpc-server.ts";
import type { Stream } from "./stream.ts";
import { joined, settle } from "./testing/wire.ts";

interface Sum {
  A: number;
  B: number;
}
const Sum: Type<Sum> = struct<Sum>("Sum", () => ({ A: int, B: int }));

/** A client and a server of rpc on the two ends of one stream. */
async function rpc(options: { cut?: number } = {}) {
  const pair = joined(options);
  const { promise, resolve } = Promise.withResolvers<{ server: RpcServer; serverStream: Stream }>();
  pair.server.onStream = (stream) => resolve({ server: new RpcServer(stream), serverStream: stream });
  const stream = pair.client.open();
  const client = new RpcClient(stream);
  const { server, serverStream } = await promise;
  server.handle("Plugin.Add", Sum, int, ({ A, B }) => A + B);
  server.handle("Plugin.Greet", string, string, async (name) => `Hello, ${name}`);
  return { ...pair, client, server, stream, serverStream, connection: pair };
}

const greet = (client: RpcClient, name: string) =>
  client.call("Plugin.Greet", { args: string, returns: string }, name);

describe("calls", () => {
  for (const cut of [1, 2, 13, 1000]) {
    test(`are answered; wire cut every ${cut} bytes`, async () => {
      const { client } = await rpc({ cut });
      const large = "x".repeat(30_000);
      expect(await client.call("Plugin.Add", { args: Sum, returns: int }, { A: 2, B: 3 })).toBe(5);
      expect(await client.call("Plugin.Add", { args: Sum, returns: int }, { A: 0, B: 0 })).toBe(0);
      expect(await greet(client, large)).toBe(`Hello, ${large}`);
      expect(client.pendingCalls).toBe(0);
    });
  }

  test("run at the same time and are answered as they finish", async () => {
    const { client, server } = await rpc();
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    server.handle("Plugin.Slow", nothing, nothing, async () => {
      await gate.promise;
      return {};
    });
    const slow = client
      .call("Plugin.Slow", { args: nothing, returns: nothing }, {})
      .then(() => order.push("slow"));
    await greet(client, "Bob").then(() => order.push("quick"));
    gate.resolve();
    await slow;
    expect(order).toEqual(["quick", "slow"]);
  });

  test("begin with Seq 0, which gob omits, and count up", async () => {
    const { client, toServer } = await rpc();
    toServer.writes.splice(0);
    await greet(client, "a");
    const first = Buffer.concat(toServer.writes).subarray(12);
    expect(
      first.equals(
        new Encoder().encodePair(requestType, { ServiceMethod: "Plugin.Greet", Seq: 0 }, string, "a"),
      ),
    ).toBe(true);
  });
});

describe("a call that fails alone", () => {
  const cases: { name: string; call: (client: RpcClient) => Promise<unknown>; error: string }[] = [
    {
      name: "handler throws",
      call: (c) => c.call("Plugin.Throws", { args: nothing, returns: nothing }, {}),
      error: "no such post",
    },
    {
      name: "handler rejects",
      call: (c) => c.call("Plugin.Rejects", { args: nothing, returns: nothing }, {}),
      error: "too late",
    },
    {
      name: "handler throws without a text",
      call: (c) => c.call("Plugin.Mute", { args: nothing, returns: nothing }, {}),
      error: "unknown error",
    },
    {
      name: "reply does not fit its type",
      call: (c) => c.call("Plugin.Misfit", { args: nothing, returns: int }, {}),
      error: "Plugin.Misfit: ",
    },
    {
      name: "unknown method",
      call: (c) => c.call("Plugin.None", { args: Sum, returns: int }, { A: 1, B: 2 }),
      error: "rpc: can't find method Plugin.None",
    },
    {
      name: "unknown service",
      call: (c) => c.call("Other.Add", { args: string, returns: int }, "x"),
      error: "rpc: can't find service Other.Add",
    },
    {
      name: "no service",
      call: (c) => c.call("Add", { args: string, returns: int }, "x"),
      error: "ill-formed: Add",
    },
  ];
  for (const { name, call, error } of cases) {
    test(name, async () => {
      const { client, server } = await rpc();
      server.handle("Plugin.Throws", nothing, nothing, () => {
        throw new Error("no such post");
      });
      server.handle("Plugin.Rejects", nothing, nothing, () => Promise.reject(new Error("too late")));
      server.handle("Plugin.Mute", nothing, nothing, () => {
        throw new Error("");
      });
      server.handle("Plugin.Misfit", nothing, int, () => "text" as unknown as number);
      const failed = await call(client).then(
        () => new Error("no error"),
        (error: Error) => error,
      );
      expect(failed).toBeInstanceOf(RpcError);
      expect(failed.message).toContain(error);
      expect(await greet(client, "Bob")).toBe("Hello, Bob");
      expect(server.pendingCalls).toBe(0);
    });
  }

  test("arguments that do not fit: nothing is sent, not even the type definitions", async () => {
    const { client } = await rpc();
    const bad = client.call("Plugin.Add", { args: Sum, returns: int }, { A: "2" as unknown as number, B: 3 });
    await expect(bad).rejects.toThrow(GobError);
    expect(await client.call("Plugin.Add", { args: Sum, returns: int }, { A: 2, B: 3 })).toBe(5);
  });
});

describe("the end of a connection", () => {
  test("close of the client: calls under way fail, the server ends regularly", async () => {
    const { client, server, connection } = await rpc();
    const gate = Promise.withResolvers<object>();
    server.handle("Plugin.Slow", nothing, nothing, () => gate.promise);
    const slow = client.call("Plugin.Slow", { args: nothing, returns: nothing }, {});
    await settle();
    client.close();
    await expect(slow).rejects.toThrow(ConnectionLost);
    gate.resolve({});
    await expect(greet(client, "Bob")).rejects.toThrow(ConnectionLost);
    expect(await server.closed).toBeNull();
    await settle();
    expect([connection.client.openStreams, connection.server.openStreams]).toEqual([0, 0]);
  });

  test("the connection is lost: both sides know", async () => {
    const { client, server, connection } = await rpc();
    let failure: Error | null = null;
    client.onClose = (reason) => {
      failure = reason;
    };
    server.handle("Plugin.Never", nothing, nothing, () => new Promise<never>(() => {}));
    const call = client.call("Plugin.Never", { args: nothing, returns: nothing }, {});
    await settle();
    connection.client.disconnected();
    connection.server.disconnected();
    await expect(call).rejects.toThrow(ConnectionLost);
    expect(await server.closed).toBeInstanceOf(ConnectionLost);
    expect(failure).toBeInstanceOf(ConnectionLost);
  });

  test("a stream that is already over fails at once", async () => {
    const { client, server } = joined();
    const stream = client.open();
    stream.reset();
    await expect(greet(new RpcClient(stream), "x")).rejects.toThrow(ConnectionLost);
    const other = server.open();
    other.reset();
    expect(await new RpcServer(other).closed).toBeInstanceOf(ConnectionLost);
  });
});

describe("limits", () => {
  test("a server stops reading at its call limit and continues as calls finish", async () => {
    const { client, server } = await rpc();
    const gate = Promise.withResolvers<void>();
    let most = 0;
    server.handle("Plugin.Wait", nothing, nothing, async () => {
      most = Math.max(most, server.pendingCalls);
      await gate.promise;
      return {};
    });
    const calls = Array.from({ length: MAX_PENDING_CALLS }, () =>
      client.call("Plugin.Wait", { args: nothing, returns: nothing }, {}),
    );
    await expect(greet(client, "one too many")).rejects.toThrow(LimitReached);
    await settle(10);
    expect(server.pendingCalls).toBe(MAX_PENDING_CALLS);
    gate.resolve();
    await Promise.all(calls);
    expect(most).toBeLessThanOrEqual(MAX_PENDING_CALLS);
    expect(await greet(client, "Bob")).toBe("Hello, Bob");
  });

  test("a server ends a client that ignores that limit", async () => {
    const { server, stream } = await rpc();
    const gates: (() => void)[] = [];
    server.handle(
      "Plugin.Wait",
      nothing,
      nothing,
      () => new Promise((resolve) => gates.push(() => resolve({}))),
    );
    const encoder = new Encoder();
    for (let seq = 0; seq < MAX_PENDING_CALLS + 500; seq++) {
      stream.write(encoder.encodePair(requestType, { ServiceMethod: "Plugin.Wait", Seq: seq }, nothing, {}));
    }
    await settle(10);
    expect(gates.length).toBe(MAX_PENDING_CALLS);
    for (const open of gates.splice(0)) open();
    await settle(10);
    expect(gates.length).toBe(500);
  });
});

describe("an unreadable value fails one call", () => {
  test("a reply of another type", async () => {
    const { client, serverStream } = await rpc();
    const call = client.call("Plugin.Never", { args: nothing, returns: string }, {});
    const encoder = new Encoder();
    const answer = (Seq: number, text: string | number) => {
      const head = { ServiceMethod: "", Seq, Error: "" };
      serverStream.write(
        typeof text === "string"
          ? encoder.encodePair(responseType, head, string, text)
          : encoder.encodePair(responseType, head, int, text),
      );
    };
    serverStream.onData = null;
    answer(0, 1);
    await expect(call).rejects.toThrow(
      "the answer to Plugin.Never cannot be read: gob: a int was sent for a string",
    );
    const next = client.call("Plugin.Next", { args: nothing, returns: string }, {});
    answer(1, "in step");
    expect(await next).toBe("in step");
  });

  test("arguments of another type: the error names the call", async () => {
    const { client } = await rpc();
    await expect(client.call("Plugin.Add", { args: string, returns: int }, "x")).rejects.toThrow(
      "the arguments of Plugin.Add cannot be read: gob: a string was sent for a struct",
    );
    expect(await greet(client, "Bob")).toBe("Hello, Bob");
  });
});

describe("protocol violations", () => {
  const encoder = () => new Encoder();
  const toClient: { name: string; bytes: Uint8Array }[] = [
    { name: "garbage", bytes: Buffer.from("HTTP/1.1 400 Bad Request\r\n".repeat(9)) },
    {
      name: "an answer to a call that was not made",
      bytes: encoder().encodePair(responseType, { ServiceMethod: "", Seq: 9, Error: "" }, int, 1),
    },
    {
      name: "an error to a call that was not made",
      bytes: encoder().encodePair(responseType, { ServiceMethod: "", Seq: 9, Error: "x" }, nothing, {}),
    },
    { name: "a response of another kind", bytes: encoder().encode(string, "hello") },
  ];
  for (const { name, bytes } of toClient) {
    test(`${name}, to a client`, async () => {
      const { client, serverStream } = await rpc();
      const call = client.call("Plugin.Never", { args: nothing, returns: string }, {});
      serverStream.onData = () => serverStream.write(bytes);
      await expect(call).rejects.toThrow(ProtocolError);
      await settle();
      expect(serverStream.closed).toBe(true);
    });
  }

  const toServer: { name: string; bytes: Uint8Array }[] = [
    { name: "garbage", bytes: Buffer.from("GET / HTTP/1.1\r\n\r\n".repeat(9)) },
    { name: "a request of another kind", bytes: encoder().encode(int, 5) },
  ];
  for (const { name, bytes } of toServer) {
    test(`${name}, to a server`, async () => {
      const { server, stream, client, connection } = await rpc();
      stream.write(bytes);
      expect(await server.closed).toBeInstanceOf(ProtocolError);
      await settle();
      await expect(greet(client, "Bob")).rejects.toThrow(StreamReset);
      expect(await connection.client.ping()).toBeGreaterThan(0); // the session continues
    });
  }
});
