/** A stream that the peer opened, and one of ours: writing, ending, resetting. */

import { describe, expect, spyOn, test } from "bun:test";
import { LimitReached } from "./errors.ts";
import { MAX_UNACKNOWLEDGED_STREAMS } from "./limits.ts";
import { ACK, alone, bytes, data, events, FIN, ping, RST, SYN, window } from "./testing/session-by-hand.ts";
import { settle } from "./testing/wire.ts";

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
