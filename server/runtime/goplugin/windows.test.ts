/** Windows, and streams that nobody reads or ends. */

import { afterEach, describe, expect, jest, test } from "bun:test";
import { INITIAL_WINDOW_BYTES, OUTPUT_HIGH_WATER_BYTES } from "./limits.ts";
import type { Stream } from "./stream.ts";
import { heapGrowth } from "./testing/heap-growth.ts";
import { ACK, alone, bytes, data, events, received, SYN, window } from "./testing/session-by-hand.ts";
import { joined, settle } from "./testing/wire.ts";

afterEach(() => void jest.useRealTimers());

describe("windows", () => {
  test("we send one window, hold the rest back, continue with each update, then drain", async () => {
    const { session, feed, sent } = alone();
    const stream = session.open();
    const log = events(stream);
    expect(stream.write(bytes(INITIAL_WINDOW_BYTES))).toBe(true);
    expect(stream.write(bytes(1000))).toBe(false);
    stream.end();
    expect(await sent()).toEqual([`data SYN 2 ${INITIAL_WINDOW_BYTES}`]);
    feed(window(ACK, 2, 600));
    expect(await sent()).toEqual(["data 2 600"]);
    expect(log).toEqual([]);
    feed(window(0, 2, 600));
    expect(await sent()).toEqual(["data 2 400", "window FIN 2 0"]);
    expect(log).toEqual(["drain"]);
  });

  test("we grant more when half a window is consumed, and nothing while paused", async () => {
    const { feed, streams, sent } = alone();
    const half = INITIAL_WINDOW_BYTES / 2;
    feed(window(SYN, 1));
    const stream = streams[0]!;
    let got = 0;
    stream.onData = (chunk) => {
      got += chunk.length;
    };
    feed(data(0, 1, bytes(half - 1)));
    expect(await sent()).toEqual(["window ACK 1 0"]);
    feed(data(0, 1, bytes(1)));
    expect(await sent()).toEqual([`window 1 ${half}`]);
    stream.pause();
    feed(data(0, 1, bytes(half)), data(0, 1, bytes(half)));
    expect(await sent()).toEqual([]);
    expect(got).toBe(half);
    stream.resume();
    expect(await sent()).toEqual([`window 1 ${half}`, `window 1 ${half}`]);
    expect(got).toBe(3 * half);
  });

  test("with a full socket, data waits in its stream, and control frames and order stay correct", async () => {
    const { server, client, toServer } = joined();
    const arrived: Promise<Buffer>[] = [];
    server.onStream = (stream) => arrived.push(received(stream));
    toServer.room = 100_000;
    const large = bytes(200_000);
    const [a, b] = [client.open(), client.open()];
    a.end(large);
    await settle();
    expect(b.write(large)).toBe(false);
    expect(b.heldBytes).toBe(large.length);
    const pinged = client.ping();
    b.end();
    while (toServer.room === 0) {
      toServer.room = 50_000;
      client.drained();
      await settle();
    }
    expect(await pinged).toBeGreaterThan(0);
    expect(await arrived[0]).toEqual(large);
    expect(await arrived[1]).toEqual(large);
  });

  test("one turn queues little more than the high-water mark, however much is written", async () => {
    const { client, server, toServer } = joined();
    const arrived: Promise<Buffer>[] = [];
    server.onStream = (stream) => arrived.push(received(stream));
    toServer.room = 10;
    const large = bytes(200_000);
    const streams = Array.from({ length: 20 }, () => client.open());
    for (const stream of streams) stream.end(large);
    const held = streams.reduce((sum, stream) => sum + stream.heldBytes, 0);
    expect(20 * large.length - held).toBeLessThan(OUTPUT_HIGH_WATER_BYTES + INITIAL_WINDOW_BYTES);
    await settle();
    toServer.room = Number.POSITIVE_INFINITY;
    client.drained();
    await settle();
    for (const one of await Promise.all(arrived)) expect(one).toEqual(large);
    expect(arrived.length).toBe(20);
  });
});

describe("abandoned streams", () => {
  test("unread bytes are kept up to a session limit; the stream that exceeds it is reset", async () => {
    const { session, feed, streams, sent } = alone({ maxInboxBytes: 1000 });
    feed(data(SYN, 1, bytes(600)), data(SYN, 3, bytes(300)), data(SYN, 5, bytes(200)));
    expect((await sent()).at(-1)).toBe("window RST 5 0");
    expect(session.openStreams).toBe(2);
    const log = events(streams[0]!); // read at last: there is room again
    await settle();
    expect(log.length).toBe(1);
    feed(data(SYN, 7, bytes(600)));
    expect(await sent()).toEqual(["window ACK 7 0"]);
    streams[1]!.reset();
    streams[3]!.reset();
    feed(data(SYN, 9, bytes(1000)));
    expect(await sent()).toEqual(["window RST 3 0", "window RST 7 0", "window ACK 9 0"]);
  });

  test("a window full of single bytes does not cost one object per byte", async () => {
    const one = Buffer.concat(Array.from({ length: 1000 }, () => data(0, 1, "x")));
    const all: ReturnType<typeof alone>[] = [];
    const growth = await heapGrowth(() => {
      const peer = alone();
      all.push(peer);
      peer.feed(window(SYN, 1));
      for (let i = 0; i < 200; i++) peer.feed(Buffer.from(one));
    });
    expect(growth).toBeLessThan(4 * 1024 * 1024);
    for (const { session, streams } of all) {
      let got = 0;
      streams[0]!.onData = (chunk) => {
        got += chunk.length;
      };
      await settle();
      expect(got).toBe(200_000);
      expect(session.isClosed).toBe(false);
    }
  });

  test("a stream we ended is reset when the peer stays silent, and not while it writes", async () => {
    jest.useFakeTimers();
    const { session, feed, streams, sent } = alone({ halfClosedTimeoutMs: 100 });
    feed(window(SYN, 1), window(SYN, 3), window(SYN, 5));
    const [quiet, busy, open] = streams as [Stream, Stream, Stream];
    const logs = [events(quiet), events(busy), events(open)];
    quiet.end();
    busy.end();
    await sent();
    for (let i = 0; i < 12; i++) {
      jest.advanceTimersByTime(25);
      feed(data(0, 3, "x"));
    }
    expect(logs[0]).toEqual(["reset StreamReset"]);
    expect(logs[1]).not.toContain("reset StreamReset");
    expect(logs[2]).toEqual([]);
    expect(await sent()).toEqual(["window RST 1 0"]);
    session.disconnected();
  });
});
