import { afterEach, expect, jest, test } from "bun:test";
import { Broker } from "./broker.ts";
import { ConnectionLost, LimitReached, ProtocolError, StreamReset } from "./errors.ts";
import { MAX_WAITING_BROKER_STREAMS } from "./limits.ts";
import type { Stream } from "./stream.ts";
import { joined, settle } from "./testing/wire.ts";

afterEach(() => void jest.useRealTimers());

function brokers(options: { cut?: number; timeoutMs?: number } = {}) {
  const pair = joined(options);
  const host = new Broker(pair.client, options.timeoutMs);
  const plugin = new Broker(pair.server, options.timeoutMs);
  pair.client.onStream = (stream) => host.receive(stream);
  pair.server.onStream = (stream) => plugin.receive(stream);
  return { ...pair, host, plugin };
}

function events(stream: Stream): string[] {
  const log: string[] = [];
  stream.onData = (chunk) => log.push(Buffer.from(chunk).toString());
  stream.onEnd = () => log.push("end");
  stream.onReset = (reason) => log.push(reason.name);
  return log;
}

for (const cut of [1, 3, 4, 5, 1000]) {
  test(`dial meets accept, payload both ways; wire cut every ${cut} bytes`, async () => {
    const { host, plugin, server, client } = brokers({ cut });
    const id = plugin.nextId();
    const accepted = plugin.accept(id);
    const dialled = host.dial(id);
    const received = events(dialled);
    dialled.write(Buffer.from("question"));
    dialled.end();
    const stream = await accepted;
    const asked = events(stream);
    await settle();
    expect(asked.join("")).toBe("questionend");
    stream.write(Buffer.from("answer"));
    stream.end();
    await settle();
    expect(received.join("")).toBe("answerend");
    expect([server.openStreams, client.openStreams]).toEqual([0, 0]);
  });
}

test("accept finds a stream that came before, and one that has already ended", async () => {
  const { host, plugin } = brokers();
  const dialled = host.dial(plugin.nextId());
  dialled.end(Buffer.from("early"));
  await settle();
  const log = events(await plugin.accept(1));
  await settle();
  expect(log).toEqual(["early", "end"]);
});

test("ids begin at 1 and belong to the side that accepts", () => {
  const { host, plugin } = brokers();
  expect([host.nextId(), host.nextId(), plugin.nextId()]).toEqual([1, 2, 1]);
});

test("the id travels in the frame of the SYN: a slow one would block the host's accept loop", async () => {
  const { host, toServer } = brokers();
  host.dial(0x0102);
  await settle(1);
  expect(Buffer.from(toServer.writes[0]!).toString("hex")).toBe("000000010000000100000004" + "02010000");
});

test("accept gives up when nobody dials", async () => {
  const { plugin } = brokers({ timeoutMs: 50 });
  await expect(plugin.accept(7)).rejects.toThrow(ConnectionLost);
});

test("a stream that nobody accepts is reset, and its id is free again", async () => {
  jest.useFakeTimers();
  const { host, plugin, server } = brokers({ timeoutMs: 50 });
  const log = events(host.dial(7));
  await settle();
  jest.advanceTimersByTime(50);
  await settle();
  expect(log).toEqual([StreamReset.name]);
  expect(server.openStreams).toBe(0);
  const accepted = plugin.accept(7);
  host.dial(7);
  expect((await accepted).closed).toBe(false);
});

test("a stream that never sends its id, or ends before, is reset", async () => {
  jest.useFakeTimers();
  const { client, server } = brokers({ timeoutMs: 50 });
  const logs = [client.open(), client.open(), client.open()].map((stream, i) => {
    stream.write(new Uint8Array(i));
    if (i === 2) stream.end();
    return events(stream);
  });
  await settle();
  jest.advanceTimersByTime(50);
  await settle();
  expect(logs).toEqual([[StreamReset.name], [StreamReset.name], [StreamReset.name]]);
  expect(server.openStreams).toBe(0);
});

test("a wrong id in the acknowledgement is a protocol error on that stream alone", async () => {
  const { host, server, client } = brokers();
  server.onStream = (stream) => {
    stream.onData = () => stream.write(Uint8Array.of(9, 0, 0, 0));
    stream.onReset = (reason) => resets.push(reason.name);
  };
  const resets: string[] = [];
  const log = events(host.dial(8));
  await settle();
  expect(log).toEqual([ProtocolError.name]);
  expect(resets).toEqual([StreamReset.name]);
  expect([server.openStreams, client.openStreams]).toEqual([0, 0]);
  expect(await client.ping()).toBeGreaterThan(0);
});

test("resets a second stream for one id, and streams beyond the limit of waiting ones", async () => {
  jest.useFakeTimers();
  const { host, server } = brokers({ timeoutMs: 50 });
  const logs = Array.from({ length: MAX_WAITING_BROKER_STREAMS + 2 }, (_, i) => events(host.dial(i || 1)));
  await settle(30);
  expect(logs.filter((log) => log.length > 0).length).toBe(2);
  expect(logs[1]).toEqual([StreamReset.name]);
  expect(server.openStreams).toBe(MAX_WAITING_BROKER_STREAMS);
  jest.advanceTimersByTime(50);
  await settle();
  expect(server.openStreams).toBe(0);
  expect(LimitReached.name).toBe("LimitReached");
});

for (const cut of [1, 3, 1000]) {
  test(`a reset right after dial comes after the name is read, so that accept is not left waiting; cut ${cut}`, async () => {
    const { host, plugin, server, client } = brokers({ cut });
    const accepted = host.accept(host.nextId());
    const dialled = plugin.dial(1);
    const received = events(dialled);
    dialled.write(Buffer.from("lost"));
    dialled.reset();
    expect(received).toEqual(["StreamReset"]);
    const log = events(await accepted);
    await settle();
    expect(log.at(-1)).toBe("StreamReset");
    expect(received).toEqual(["StreamReset"]);
    expect([server.openStreams, client.openStreams]).toEqual([0, 0]);
  });
}

test("a reset stream whose name is never acknowledged is forgotten: by RST, by FIN, by the end of the session, in time", async () => {
  const ends: Record<string, (far: Stream, near: { disconnected(): void }) => void> = {
    rst: (far) => far.reset(),
    fin: (far) => far.end(),
    "the session ends": (_, near) => near.disconnected(),
    silence: () => {},
  };
  jest.useFakeTimers();
  for (const [name, end] of Object.entries(ends)) {
    const pair = joined({ halfClosedTimeoutMs: name === "silence" ? 200 : 60_000 });
    const plugin = new Broker(pair.server);
    let far: Stream | null = null;
    pair.client.onStream = (stream) => {
      far = stream;
      stream.onData = () => {};
    };
    const dialled = plugin.dial(1);
    await settle();
    dialled.reset();
    await settle();
    expect([name, pair.server.openStreams]).toEqual([name, 1]);
    end(far as unknown as Stream, pair.server);
    if (name === "silence") jest.advanceTimersByTime(400);
    await settle();
    expect([name, pair.server.openStreams]).toEqual([name, 0]);
  }
});
