import { describe, expect, spyOn, test } from "bun:test";
import { ConnectionLost, LimitReached, ProtocolError, StreamReset } from "./errors.ts";
import { INITIAL_WINDOW_BYTES, MAX_UNACKNOWLEDGED_STREAMS, OUTPUT_HIGH_WATER_BYTES } from "./limits.ts";
import type { Stream } from "./stream.ts";
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
  RST,
  received,
  SYN,
  window,
} from "./testing/session-by-hand.ts";
import { joined, settle } from "./testing/wire.ts";

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

describe("a stream of the peer", () => {
  test("is acknowledged at once, even when nobody reads it", async () => {
    const { feed, sent } = alone();
    feed(window(SYN, 1), window(SYN, 3));
    expect(await sent()).toEqual(["window ACK 1 0", "window ACK 3 0"]);
  });

  test("delivers what came before there was a reader, then its end", async () => {
    const { feed, streams } = alone();
    feed(data(SYN, 1, "early"), window(FIN, 1));
    const log = events(streams[0]!);
    expect(log).toEqual([]);
    await settle();
    expect(log).toEqual(["data early", "end"]);
  });

  test("is half closed by FIN, and we can still write", async () => {
    const { session, feed, streams, sent } = alone();
    feed(data(SYN, 1, "q"), window(FIN, 1));
    const log = events(streams[0]!);
    await sent();
    streams[0]!.write(Buffer.from("answer"));
    streams[0]!.end();
    expect(await sent()).toEqual(["data 1 6", "window FIN 1 0"]);
    expect(log).toEqual(["data q", "end"]);
    expect(session.openStreams).toBe(0);
  });

  test("FIN on a data frame comes after its bytes", async () => {
    const { feed, streams } = alone();
    feed(window(SYN, 1));
    const log = events(streams[0]!);
    feed(data(FIN, 1, "last"));
    expect(log).toEqual(["data last", "end"]);
  });

  test("our FIN never travels on a data frame: hashicorp/yamux would lose the bytes", async () => {
    const { feed, streams, sent } = alone();
    feed(window(SYN, 1));
    streams[0]!.end(Buffer.from("bye"));
    expect(await sent()).toEqual(["window ACK 1 0", "data 1 3", "window FIN 1 0"]);
  });

  test("is over at once by RST; later writes and frames are ignored", async () => {
    const { session, feed, streams, sent } = alone();
    feed(window(SYN, 1));
    const log = events(streams[0]!);
    feed(window(RST, 1), data(0, 1, "late"), window(FIN, 1), window(0, 1, 99));
    expect(log).toEqual(["reset StreamReset"]);
    expect(streams[0]!.write(Buffer.from("x"))).toBe(false);
    streams[0]!.end();
    expect(await sent()).toEqual(["window ACK 1 0"]);
    expect(session.openStreams).toBe(0);
  });

  test("a reset in the middle of a body drops the rest of the body and reads the next frame", async () => {
    const { session, feed, streams, sent } = alone();
    const body = data(SYN, 1, bytes(1000));
    feed(body.subarray(0, 500));
    const log = events(streams[0]!);
    streams[0]!.reset();
    feed(body.subarray(500), ping(SYN, 1));
    expect(await sent()).toEqual(["window ACK 1 0", "window RST 1 0", "ping ACK 0 1"]);
    expect(log).toEqual(["reset StreamReset"]);
    expect(session.openStreams).toBe(0);
  });

  test("is refused beyond the limit of open streams", async () => {
    const { session, feed, sent } = alone({ maxOpenStreams: 2 });
    feed(window(SYN, 1), window(SYN, 3), data(SYN, 5, "dropped"), ping(SYN, 1));
    expect(await sent()).toEqual(["window ACK 1 0", "window ACK 3 0", "window RST 5 0", "ping ACK 0 1"]);
    expect(() => session.open()).toThrow(LimitReached);
  });

  test("is refused while we go away", async () => {
    const { session, feed, sent } = alone();
    session.goAway();
    feed(window(SYN, 1));
    expect(await sent()).toEqual(["go away 0 0", "window RST 1 0"]);
  });
});

describe("a stream of ours", () => {
  test("sends its SYN even when nothing was written", async () => {
    const { session, sent } = alone();
    session.open();
    expect(await sent()).toEqual(["window SYN 2 0"]);
  });

  test(`waits while ${MAX_UNACKNOWLEDGED_STREAMS} are unacknowledged, and is sent whole when a place is free`, async () => {
    const { session, feed, sent } = alone();
    const streams = Array.from({ length: MAX_UNACKNOWLEDGED_STREAMS + 3 }, () => session.open());
    for (const stream of streams) stream.write(Buffer.from("id"));
    streams.at(-3)!.end();
    const before = await sent();
    expect(before.length).toBe(MAX_UNACKNOWLEDGED_STREAMS);
    expect(before.at(-1)).toBe("data SYN 256 2");
    feed(window(ACK, 2)); // accepted
    expect(await sent()).toEqual(["data SYN 258 2", "window FIN 258 0"]);
    feed(window(RST, 4)); // refused: the place is free too
    expect(await sent()).toEqual(["data SYN 260 2"]);
    feed(data(0, 6, "hi")); // hashicorp/yamux sends no ACK when our FIN was faster than its Accept
    expect(await sent()).toEqual(["data SYN 262 2"]);
  });

  test("an acknowledgement of one stream counts for those before it, because the peer accepts in order", async () => {
    const { session, feed, sent } = alone({ maxUnacknowledgedStreams: 3 });
    const streams = Array.from({ length: 8 }, () => session.open());
    // hashicorp/yamux sends nothing for a stream that it accepts after our FIN, until somebody answers on it.
    for (const stream of streams) stream.end(Buffer.from("id"));
    await sent();
    feed(data(0, 6, "hi"));
    expect((await sent()).filter((frame) => frame.includes("SYN"))).toEqual([
      "data SYN 8 2",
      "data SYN 10 2",
      "data SYN 12 2",
    ]);
    // A refusal says nothing about the other streams: it comes when they fill the accept queue.
    feed(window(RST, 12));
    expect((await sent()).filter((frame) => frame.includes("SYN"))).toEqual(["data SYN 14 2"]);
    feed(window(ACK, 2), window(ACK, 6));
    expect((await sent()).filter((frame) => frame.includes("SYN"))).toEqual([]);
  });

  test("acknowledges in the order of the SYNs, not of the ids", async () => {
    const { session, feed, sent } = alone({ maxUnacknowledgedStreams: 2 });
    session.open();
    session.open().write(Buffer.from("first on the wire"));
    session.open();
    expect(await sent()).toEqual(["data SYN 4 17", "window SYN 2 0"]);
    feed(window(ACK, 4));
    expect(await sent()).toEqual(["window SYN 6 0"]);
    session.open();
    expect(await sent()).toEqual([]);
    feed(window(ACK, 2));
    expect(await sent()).toEqual(["window SYN 8 0"]);
  });

  test("a stream that waits beyond its time is dropped and takes no place", async () => {
    const { session, feed, sent } = alone({ maxUnacknowledgedStreams: 1 });
    session.open();
    const late = session.open({ withinMs: 20 });
    const log = events(late);
    late.write(Buffer.from("late"));
    const patient = session.open({ withinMs: 60_000 });
    await sent();
    await Bun.sleep(30);
    feed(window(ACK, 2));
    expect(await sent()).toEqual(["window SYN 6 0"]);
    expect([log, patient.closed, session.openStreams]).toEqual([["reset ConnectionLost"], false, 2]);
  });

  test("when the oldest has waited for 4 s, the newest goes first", async () => {
    const { session, feed, sent } = alone({ maxUnacknowledgedStreams: 1 });
    for (let i = 0; i < 4; i++) session.open();
    await sent();
    feed(window(ACK, 2));
    expect(await sent()).toEqual(["window SYN 4 0"]);
    const now = spyOn(performance, "now").mockReturnValue(performance.now() + 4_000);
    try {
      feed(window(ACK, 4));
      expect(await sent()).toEqual(["window SYN 8 0"]);
      feed(window(ACK, 8));
      expect(await sent()).toEqual(["window SYN 6 0"]);
    } finally {
      now.mockRestore();
    }
  });

  test("a waiting stream can be reset and is never seen by the peer", async () => {
    const { session, sent, feed } = alone({ maxUnacknowledgedStreams: 1 });
    const first = session.open();
    const second = session.open();
    second.write(Buffer.from("x"));
    second.reset();
    expect(await sent()).toEqual(["window SYN 2 0"]);
    feed(window(ACK, 2));
    first.reset();
    expect(await sent()).toEqual(["window RST 2 0"]);
    expect(session.openStreams).toBe(0);
  });

  test("a stream that is reset before its SYN left frees its place", async () => {
    const { session, sent } = alone({ maxUnacknowledgedStreams: 1 });
    session.open().reset();
    session.open();
    expect(await sent()).toEqual(["window SYN 4 0"]);
  });
});

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
    const { session, feed, streams } = alone();
    feed(window(SYN, 1));
    const one = data(0, 1, "x");
    Bun.gc(true);
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 200; i++) feed(Buffer.concat(Array.from({ length: 1000 }, () => one)));
    Bun.gc(true);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(4 * 1024 * 1024);
    let got = 0;
    streams[0]!.onData = (chunk) => {
      got += chunk.length;
    };
    await settle();
    expect(got).toBe(200_000);
    expect(session.isClosed).toBe(false);
  });

  test("a stream we ended is reset when the peer stays silent, and not while it writes", async () => {
    const { session, feed, streams, sent } = alone({ halfClosedTimeoutMs: 100 });
    feed(window(SYN, 1), window(SYN, 3), window(SYN, 5));
    const [quiet, busy, open] = streams as [Stream, Stream, Stream];
    const logs = [events(quiet), events(busy), events(open)];
    quiet.end();
    busy.end();
    await sent();
    for (let i = 0; i < 12; i++) {
      await Bun.sleep(25);
      feed(data(0, 3, "x"));
    }
    expect(logs[0]).toEqual(["reset StreamReset"]);
    expect(logs[1]).not.toContain("reset StreamReset");
    expect(logs[2]).toEqual([]);
    expect(await sent()).toEqual(["window RST 1 0"]);
    session.disconnected();
  });
});

describe("protocol violations of the peer", () => {
  const opened = window(SYN, 1);
  const cases: { name: string; frames: Uint8Array[]; says: string }[] = [
    { name: "another version", frames: [Uint8Array.of(1, ...new Uint8Array(11))], says: "version 1" },
    { name: "an unknown type", frames: [frame(4, 0, 1)], says: "unknown frame type 4" },
    { name: "a frame larger than any window", frames: [opened, frame(0, 0, 1, 0, 262_145)], says: "262145" },
    {
      name: "more than its window",
      frames: [opened, data(0, 1, bytes(200_000)), frame(0, 0, 1, 0, 62_145)],
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
    const { client, toServer } = joined();
    toServer.room = 10;
    client.open().end(bytes(1000));
    client.close();
    await settle();
    expect(toServer.ended).toBe(false);
    const started = performance.now();
    await client.closed;
    expect(performance.now() - started).toBeGreaterThan(500);
    expect(toServer.ended).toBe(true);
  });

  test("10,000 streams with data, half of them reset, leave nothing behind", async () => {
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
    Bun.gc(true);
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 100; i++) await round();
    await settle();
    Bun.gc(true);
    expect([server.openStreams, client.openStreams]).toEqual([0, 0]);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(4 * 1024 * 1024);
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
