import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Stream } from "../goplugin/index.ts";
import { joined, settle } from "../goplugin/testing/wire.ts";
import { serveReader, varint, writableTo } from "./byte-stream.ts";
import { RemoteReader } from "./remote-reader.ts";

/** The two ends of one stream, in memory; bytes arrive in pieces of at most `cut`. */
function ends(cut = Number.POSITIVE_INFINITY): { near: Stream; far: Stream; close: () => void } {
  const pair = joined({ cut });
  let far: Stream | undefined;
  pair.server.onStream = (stream) => {
    far = stream;
  };
  const near = pair.client.open();
  near.write(Uint8Array.of(0xff));
  return {
    near,
    get far() {
      return far as Stream;
    },
    close: () => pair.client.close(),
  };
}

async function connected(cut?: number) {
  const both = ends(cut);
  await settle();
  const { near, far } = both;
  // Drops the byte that opened the stream.
  far.onData = () => {};
  await settle();
  far.onData = null;
  return { near, far, close: both.close };
}

describe("varint", () => {
  // encoding/binary, PutVarint
  for (const [n, bytes] of [
    [0n, [0]],
    [-1n, [1]],
    [1n, [2]],
    [63n, [0x7e]],
    [64n, [0x80, 0x01]],
    [32768n, [0x80, 0x80, 0x04]],
    [2n ** 62n, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
  ] as const) {
    test(`of ${n}`, () => expect([...varint(n)]).toEqual([...bytes]));
  }
});

describe("a source that we lend to the other side", () => {
  test("arrives whole, however the bytes and the wire are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 2000 }),
        async (chunks, cut) => {
          const pair = joined({ cut });
          const far = Promise.withResolvers<Stream>();
          pair.server.onStream = (stream) => far.resolve(stream);
          const reader = new RemoteReader(pair.client.open());
          const read = new Response(reader.readable).bytes();
          async function* source() {
            yield* chunks;
          }
          await serveReader(source(), await far.promise);
          expect(Buffer.compare(await read, Buffer.concat(chunks))).toBe(0);
          await settle();
          expect([pair.client.openStreams, pair.server.openStreams]).toEqual([0, 0]);
          pair.client.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  test("may use one buffer for all its chunks, though the socket takes a few bytes at a time", async () => {
    for (const room of [1_000, 70_000, 300_000]) {
      const pair = joined();
      const far = Promise.withResolvers<Stream>();
      pair.server.onStream = (stream) => far.resolve(stream);
      const reader = new RemoteReader(pair.client.open());
      const read = new Response(reader.readable).bytes();
      const buffer = new Uint8Array(400_000);
      async function* source() {
        for (let chunk = 1; chunk <= 4; chunk += 1) {
          yield buffer.fill(chunk);
          // If a part of the chunk were still unsent, it would arrive as zeros.
          buffer.fill(0);
        }
      }
      const stream = await far.promise;
      await settle();
      pair.toClient.room = 0;
      let isOver = false;
      const serving = serveReader(source(), stream).finally(() => {
        isOver = true;
      });
      while (!isOver) {
        await settle(1);
        pair.toClient.room = room;
        pair.server.drained();
      }
      await serving;
      pair.toClient.room = Number.POSITIVE_INFINITY;
      pair.server.drained();
      const expected = Buffer.concat([1, 2, 3, 4].map((chunk) => Buffer.alloc(400_000, chunk)));
      expect(Buffer.compare(await read, expected)).toBe(0);
      pair.client.close();
    }
  });

  test("is not asked for the next chunk when the stream is cut while one is in transit", async () => {
    const pair = joined();
    const far = Promise.withResolvers<Stream>();
    pair.server.onStream = (stream) => far.resolve(stream);
    const near = new RemoteReader(pair.client.open());
    const first = near.readable
      .getReader()
      .read()
      .catch((error: Error) => error.message);
    let asked = 0;
    async function* source() {
      for (;;) {
        asked += 1;
        yield new Uint8Array(100_000);
      }
    }
    const stream = await far.promise;
    await settle();
    pair.toClient.room = 0;
    const serving = serveReader(source(), stream);
    await settle();
    expect(asked).toBe(1);
    near.giveUp(new Error("no more"));
    await settle();
    await serving;
    expect(asked).toBe(1);
    expect(await first).toBe("no more");
    pair.client.close();
  });

  test("is asked for no more than a slow consumer takes", async () => {
    const pair = joined();
    const far = Promise.withResolvers<Stream>();
    pair.server.onStream = (stream) => far.resolve(stream);
    const reader = new RemoteReader(pair.client.open()).readable.getReader();
    let sent = 0;
    async function* source() {
      for (;;) {
        sent += 32_768;
        yield new Uint8Array(32_768);
      }
    }
    const first = reader.read();
    const serving = serveReader(source(), await far.promise);
    await first;
    await settle(50);
    const stopped = sent;
    await settle(50);
    expect(sent).toBe(stopped);
    expect(sent).toBeLessThan(1_000_000);
    await reader.cancel();
    await serving;
    pair.client.close();
  });
});

describe("a reader of the other side's bytes", () => {
  test("fails the first read when its stream broke before", async () => {
    const { near, far, close } = await connected();
    let failure: Error | undefined;
    const reader = new RemoteReader(near, { onFailure: (reason) => (failure = reason) });
    far.reset();
    await settle();
    expect(new Response(reader.readable).bytes()).rejects.toThrow("reset");
    expect(failure).toBeInstanceOf(Error);
    close();
  });

  test("fails the read and reports it when its stream breaks in the middle", async () => {
    const { near, far, close } = await connected();
    let failure: Error | undefined;
    const reader = new RemoteReader(near, { onFailure: (reason) => (failure = reason) });
    const outcome = new Response(reader.readable).bytes().catch((error: Error) => error);
    far.onData = () => far.write(new Uint8Array(100));
    await settle();
    far.reset();
    expect(await outcome).toBeInstanceOf(Error);
    expect(failure).toBeInstanceOf(Error);
    close();
  });

  test("ends without an error when it is closed before the first read", async () => {
    const { near, far, close } = await connected();
    let ended = false;
    far.onData = () => {};
    far.onEnd = () => {
      ended = true;
      far.end();
    };
    new RemoteReader(near).close();
    await settle();
    expect(ended).toBe(true);
    expect([near.closed, far.closed]).toEqual([true, true]);
    close();
  });
});

describe("requests from the other side", () => {
  test("garbage ends the stream and releases the source", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), async (garbage) => {
        const pair = joined({ cut: 3 });
        const far = Promise.withResolvers<Stream>();
        pair.server.onStream = (stream) => far.resolve(stream);
        const near = pair.client.open();
        near.onData = () => {};
        near.end(garbage);
        const source = new Uint8Array(1000);
        await serveReader(source, await far.promise);
        pair.client.close();
      }),
      { numRuns: 200 },
    );
  });

  test("a negative request asks for nothing", async () => {
    const pair = joined();
    const far = Promise.withResolvers<Stream>();
    pair.server.onStream = (stream) => far.resolve(stream);
    const near = pair.client.open();
    let received = 0;
    near.onData = (chunk) => {
      received += chunk.length;
    };
    near.write(varint(-5n), varint(3n));
    const serving = serveReader(new Uint8Array(10), await far.promise);
    await settle();
    expect(received).toBe(3);
    near.end();
    await serving;
    pair.client.close();
  });
});

test("a write fails when the other side's writer is gone", async () => {
  const { near, far, close } = await connected();
  const writer = writableTo(near).getWriter();
  await writer.write(new Uint8Array(10));
  far.reset();
  await settle();
  expect(writer.write(new Uint8Array(10))).rejects.toThrow();
  close();
});
