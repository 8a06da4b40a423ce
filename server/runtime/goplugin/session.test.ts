import { afterEach, describe, expect, jest, test } from "bun:test";
import { ConnectionLost, LimitReached, ProtocolError, StreamReset } from "./errors.ts";
import { CLOSE_TIMEOUT_MS } from "./limits.ts";
import { heapGrowth } from "./testing/heap-growth.ts";
import {
  ACK,
  alone,
  bytes,
  data,
  echo,
  events,
  FIN,
  frame,
  frames,
  goAway,
  ping,
  received,
  SYN,
  window,
} from "./testing/session-by-hand.ts";
import { joined, settle } from "./testing/wire.ts";

afterEach(() => void jest.useRealTimers());

describe("frames", () => {
  for (const cut of [1, 2, 3, 5, 7, 11, 12, 13, 24, 1000]) {
    test(`cut into pieces of ${cut} bytes carry an echo in both directions`, async () => {
      const { server, client } = joined({ cut });
      echo(server);
      echo(client);
      for (const side of [client, server]) {
        const streams = [0, 1, 300, 20_000].map((size) => ({ size, stream: side.open() }));
        const answers = streams.map(({ stream }) => received(stream));
        for (const { size, stream } of streams) stream.end(bytes(size));
        for (const [i, { size }] of streams.entries()) expect(await answers[i]).toEqual(bytes(size));
      }
      expect([server.openStreams, client.openStreams]).toEqual([0, 0]);
    });
  }

  test("cut once, at every byte, mean the same", async () => {
    const whole = Buffer.concat([
      data(SYN, 1, "hel"),
      window(0, 1, 5),
      data(0, 1, "lo"),
      ping(SYN, 7),
      window(FIN, 1),
      data(SYN | FIN, 3, "x"),
    ]);
    for (let cut = 0; cut <= whole.length; cut++) {
      const { session, streams, sent } = alone();
      const logs: string[][] = [];
      session.onStream = (stream) => {
        streams.push(stream);
        logs.push(events(stream));
      };
      session.receive(whole.subarray(0, cut));
      session.receive(whole.subarray(cut));
      expect(logs.map((log) => log.join().replaceAll(",data ", ""))).toEqual([
        "data hello,end",
        "data x,end",
      ]);
      expect(await sent()).toEqual(["window ACK 1 0", "ping ACK 0 7", "window ACK 3 0"]);
      session.disconnected();
    }
  });

  test("frames of one turn leave in one write; large bodies are not copied", async () => {
    const { session, wire } = alone();
    const [a, b] = [session.open(), session.open()];
    a.write(Buffer.from("one"));
    b.write(Buffer.from("two"));
    a.end();
    expect(wire.writes.length).toBe(0);
    await settle();
    expect(wire.writes.length).toBe(1);
    expect(frames(wire.writes[0]!)).toEqual(["data SYN 2 3", "data SYN 4 3", "window FIN 2 0"]);
    const large = bytes(100_000);
    b.write(Buffer.from("small"), large);
    await settle();
    expect(wire.writes.length).toBe(3);
    expect(wire.writes[2]!.buffer).toBe(large.buffer);
  });
});

describe("protocol violations of the peer", () => {
  const opened = window(SYN, 1);
  const cases: { name: string; frames: Uint8Array[]; says: string }[] = [
    { name: "another version", frames: [Uint8Array.of(1, ...new Uint8Array(11))], says: "version 1" },
    { name: "an unknown type", frames: [frame(4, 0, 1)], says: "unknown frame type 4" },
    { name: "a frame larger than any window", frames: [opened, frame(0, 0, 1, 262_145)], says: "262145" },
    {
      name: "more than its window",
      frames: [opened, data(0, 1, bytes(200_000)), frame(0, 0, 1, 62_145)],
      says: "62144",
    },
    { name: "open a stream with one of our ids", frames: [window(SYN, 2)], says: "stream id 2" },
    { name: "open stream 0", frames: [window(SYN, 0)], says: "stream id 0" },
    { name: "open a stream twice", frames: [opened, data(SYN, 1, "x")], says: "opened twice" },
    { name: "end twice", frames: [opened, window(FIN, 1), window(FIN, 1)], says: "second end" },
    { name: "write after its end", frames: [opened, window(FIN, 1), data(0, 1, "x")], says: "after the end" },
    { name: "grant more than 32 bits", frames: [opened, window(0, 1, 0xffff_ffff)], says: "32 bits" },
    { name: "report a protocol error of ours", frames: [goAway(1)], says: "broke the protocol" },
    { name: "report an internal error", frames: [goAway(2)], says: "internal error" },
    { name: "go away for an unknown reason", frames: [goAway(3)], says: "unknown reason 3" },
  ];
  for (const { name, frames, says } of cases) {
    test(name, async () => {
      const { session, wire, feed, streams, sent } = alone();
      const other = session.open();
      const log = events(other);
      feed(...frames);
      const reason = await session.closed;
      expect(reason).toBeInstanceOf(ProtocolError);
      expect(reason?.message).toContain(says);
      expect((await sent()).at(-1)).toBe("go away 0 1");
      expect(wire.ended).toBe(true);
      expect(log).toEqual(["reset ProtocolError"]);
      expect(streams.every((stream) => stream.closed)).toBe(true);
      expect(() => session.open()).toThrow(ConnectionLost);
      feed(ping(SYN, 1)); // nothing more is read
      expect(await sent()).toEqual([]);
    });
  }

  test("these are allowed", async () => {
    const { session, feed, sent } = alone();
    feed(data(SYN | FIN, 1, "x"), window(SYN, 3, 1000), window(ACK, 77), data(0, 9, "unknown"), goAway(0));
    expect(await sent()).toEqual(["window ACK 1 0", "window ACK 3 0"]);
    expect(session.isClosed).toBe(false);
  });

  test("ends a peer that floods us with pings and does not read the answers", async () => {
    const { session, wire, feed } = alone();
    wire.room = 0;
    const pings = Buffer.concat(Array.from({ length: 10_000 }, (_, i) => ping(SYN, i)));
    for (let i = 0; i < 200 && !session.isClosed; i++) {
      feed(pings);
      await settle(1);
    }
    expect(await session.closed).toBeInstanceOf(LimitReached);
  });
});

describe("a session", () => {
  test("answers pings with the same value and measures its own", async () => {
    const { feed, sent } = alone();
    feed(ping(SYN, 0xdead_beef), ping(ACK, 5));
    expect(await sent()).toEqual([`ping ACK 0 ${0xdead_beef}`]);
    const { server, client } = joined({ cut: 5 });
    expect(await server.ping()).toBeGreaterThan(0);
    expect(await client.ping()).toBeGreaterThan(0);
  });

  test("after go away of the peer, open streams continue and new ones are refused here", async () => {
    const { session, feed, streams, sent } = alone();
    feed(window(SYN, 1), goAway(0));
    expect(() => session.open()).toThrow("go away");
    streams[0]!.write(Buffer.from("x"));
    expect(await sent()).toEqual(["window ACK 1 0", "data 1 1"]);
  });

  test("a callback that throws ends its stream, not the session", async () => {
    const { server, client, reported } = joined();
    const bug = new Error("bug");
    server.onStream = (stream) => {
      if (stream.id === 1) throw bug;
      stream.onData = () => {
        throw bug;
      };
    };
    const logs = [client.open(), client.open()].map((stream) => {
      stream.write(Buffer.from("x"));
      return events(stream);
    });
    await settle();
    expect(logs).toEqual([["reset StreamReset"], ["reset StreamReset"]]);
    expect(reported).toEqual([bug, bug]);
    expect(await client.ping()).toBeGreaterThan(0);
    expect([server.openStreams, client.openStreams]).toEqual([0, 0]);
  });

  test("lost connection: streams, pings and opens fail with ConnectionLost", async () => {
    const { session, feed, streams } = alone();
    feed(data(SYN, 1, "held"));
    const logs = [events(session.open()), events(streams[0]!)];
    streams[0]!.pause();
    const pinged = session.ping();
    session.disconnected(new Error("EPIPE"));
    expect(await session.closed).toBeInstanceOf(ConnectionLost);
    await expect(pinged).rejects.toThrow(ConnectionLost);
    await expect(session.ping()).rejects.toThrow(ConnectionLost);
    expect(logs).toEqual([["reset ConnectionLost"], ["reset ConnectionLost"]]);
    expect(session.openStreams).toBe(0);
  });

  test("close sends the written bytes first", async () => {
    const { server, client } = joined();
    const arrived: Promise<Buffer>[] = [];
    server.onStream = (stream) => arrived.push(received(stream));
    client.open().end(bytes(1000));
    client.close();
    await settle();
    expect(await arrived[0]).toEqual(bytes(1000));
    expect(await client.closed).toBeNull();
    expect(await server.closed).toBeNull();
  });

  test("close waits for a full socket, with a time limit", async () => {
    jest.useFakeTimers();
    const { client, toServer } = joined();
    toServer.room = 10;
    client.open().end(bytes(1000));
    client.close();
    jest.advanceTimersByTime(CLOSE_TIMEOUT_MS - 1);
    await settle();
    expect(toServer.ended).toBe(false);
    jest.advanceTimersByTime(1);
    expect(await client.closed).toBeNull();
    expect(toServer.ended).toBe(true);
  });

  test("12,000 streams with data, half of them reset, leave nothing behind", async () => {
    const { server, client } = joined();
    echo(server);
    const round = async () => {
      const streams = Array.from({ length: 100 }, () => client.open());
      const answers = streams.map((stream, i) => {
        const answer = received(stream);
        stream.write(bytes(500));
        if (i % 2 === 0) stream.reset();
        else stream.end();
        return answer;
      });
      for (const [i, answer] of (await Promise.allSettled(answers)).entries()) {
        expect(answer.status).toBe(i % 2 === 0 ? "rejected" : "fulfilled");
      }
    };
    for (let i = 0; i < 20; i++) await round();
    const growth = await heapGrowth(async () => {
      for (let i = 0; i < 40; i++) await round();
      await settle();
    });
    expect([server.openStreams, client.openStreams]).toEqual([0, 0]);
    expect(growth).toBeLessThan(2 * 1024 * 1024);
  });
});

test("a reset of ours is reported to us as one", () => {
  const { session } = alone();
  const log = events(session.open());
  const stream = session.open();
  let reason: Error | null = null;
  stream.onReset = (error) => {
    reason = error;
  };
  stream.reset();
  expect(reason).toBeInstanceOf(StreamReset);
  expect(log).toEqual([]);
});
