import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LimitReached, ProtocolError } from "../errors.ts";
import { HEADER_BYTES, writeHeader } from "../frame.ts";
import { MAX_OPEN_STREAMS } from "../limits.ts";
import { Session } from "../session.ts";
import type { FuzzReport } from "./fuzz-input.ts";
import { type FuzzOptions, fuzz, mutate, type Outcome, pieces, type Random } from "./fuzz-input.ts";
import { Wire } from "./wire.ts";

/**
 * Sends mutated frames to a session. It must stay alive or end with a ProtocolError, never with another error,
 * whether the bytes come whole or in pieces, and must hold nothing afterwards.
 */
export function fuzzYamux(options: FuzzOptions): Promise<FuzzReport> {
  const seeds = recordedTraffic().map((stream) => ({ stream }));
  const makeInput = (random: Random) => {
    const conversation = random.below(3) === 0 ? random.pick(seeds).stream : frames(random);
    return random.below(8) === 0 ? conversation : mutate(conversation, random, seeds);
  };
  return fuzz("yamux", options, makeInput, async (input, random) => {
    const whole = await converse(input, [input.slice()]);
    const cut = await converse(input, pieces(input, random));
    if (whole.story !== cut.story) throw new Error(`whole: ${whole.story}\nin pieces: ${cut.story}`);
    return whole.outcome;
  });
}

/**
 * Traffic that the official host sent to the plugin of bench/plugin under each load of bench/host: the first 4 KiB of
 * its side of the connection, recorded by a proxy between the two sockets.
 */
export function recordedTraffic(): Uint8Array[] {
  const directory = join(import.meta.dir, "../testdata");
  return readdirSync(directory)
    .filter((file) => file.endsWith(".yamux"))
    .map((file) => readFileSync(join(directory, file)));
}

/**
 * Makes a conversation that is mostly legal: streams are opened, written, granted, ended and reset; pings; go away.
 */
function frames(random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  const ids = [1, 2, 3, 4, 5, 7, 9, 0, 0xffff_ffff];
  let opened = 1;
  for (let i = random.below(30) + 1; i > 0; i--) {
    const kind = random.below(12);
    const id = random.pick(ids);
    if (kind < 3)
      parts.push(frame(random.below(2), 1 | (random.below(8) === 0 ? 4 : 0), opened, body(random)));
    if (kind < 3) opened += 2;
    else if (kind < 7) parts.push(frame(0, random.below(10) === 0 ? 4 : 0, id, body(random)));
    else if (kind === 7) parts.push(frame(1, 0, id, random.below(300_000)));
    else if (kind === 8) parts.push(frame(1, 4, id, 0));
    else if (kind === 9) parts.push(frame(1, random.pick([2, 8]), id, 0));
    else if (kind === 10) parts.push(frame(2, random.pick([1, 2]), 0, random.below(1000)));
    else parts.push(frame(random.pick([0, 1, 3]), random.below(16), id, random.below(4)));
  }
  return Buffer.concat(parts);
}

function body(random: Random): Uint8Array {
  return new Uint8Array(random.below(4) === 0 ? random.below(2000) : random.below(30)).fill(
    random.below(256),
  );
}

function frame(type: number, flags: number, id: number, content: Uint8Array | number): Uint8Array {
  const isData = type === 0 && typeof content !== "number";
  const bytes = new Uint8Array(HEADER_BYTES + (isData ? content.length : 0));
  const length = typeof content === "number" ? content : isData ? content.length : 0;
  writeHeader(bytes, 0, { type, flags, streamId: id, length });
  if (isData) bytes.set(content, HEADER_BYTES);
  return bytes;
}

async function converse(input: Uint8Array, parts: Iterable<Uint8Array>) {
  const wire = new Wire(Number.POSITIVE_INFINITY);
  const thrown: unknown[] = [];
  const session = new Session(wire, "server", { report: (error) => thrown.push(error) });
  const events: string[] = [];
  const received = new Map<number, number>();
  session.onStream = (stream) => {
    // A stream's behaviour depends on its id: echo, end at once, reset when half read, never read.
    if (stream.id % 8 === 7) return;
    if (stream.id % 8 === 5) stream.end(Buffer.from("bye"));
    stream.onData = (chunk) => {
      const total = (received.get(stream.id) ?? 0) + chunk.length;
      received.set(stream.id, total);
      if (stream.id % 8 === 1) stream.write(chunk);
    };
    stream.onEnd = () => {
      events.push(`${stream.id} end`);
      stream.end();
    };
    stream.onReset = (reason) => events.push(`${stream.id} ${reason.name}`);
  };
  session.open().write(Buffer.from("hello"));
  let over: Error | null = null;
  session.closed.then((reason) => {
    over = reason;
  });
  for (const part of parts) session.receive(part);
  for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  if (thrown.length > 0) throw thrown[0];
  if (session.openStreams > MAX_OPEN_STREAMS) throw new Error(`${session.openStreams} open streams`);
  const outcome: Outcome = over ? "rejected" : session.openStreams > 1 ? "accepted" : "incomplete";
  const reason = over as Error | null;
  if (reason && !(reason instanceof ProtocolError) && !(reason instanceof LimitReached)) throw reason;
  const sent = wire.writes.reduce((sum, bytes) => sum + bytes.length, 0);
  if (sent > 4 * input.length + 1024) throw new Error(`${input.length} bytes made ${sent}`);
  const story = `${events.join()}|${[...received].join(" ")}|${reason?.message}|${session.openStreams}`;
  session.disconnected();
  if (session.openStreams > 0) throw new Error("streams of a session that is over");
  return { outcome, story };
}
