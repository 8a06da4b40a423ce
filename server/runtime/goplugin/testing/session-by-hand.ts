/** For tests: a session that receives frames written by hand, and readable records of what it and its streams do. */
import { HEADER_BYTES, readHeader } from "../frame.ts";
import { Session } from "../session.ts";
import type { Stream } from "../stream.ts";
import { settle, Wire } from "./wire.ts";

export const SYN = 1;
export const ACK = 2;
export const FIN = 4;
export const RST = 8;

/** One frame. `body`: its bytes, or the length alone. */
export function frame(type: number, flags: number, id: number, body: Uint8Array | number = 0): Uint8Array {
  const bytes = typeof body === "number" ? new Uint8Array() : body;
  const out = new Uint8Array(HEADER_BYTES + bytes.length);
  const view = new DataView(out.buffer);
  view.setUint8(1, type);
  view.setUint16(2, flags);
  view.setUint32(4, id);
  view.setUint32(8, typeof body === "number" ? body : bytes.length);
  out.set(bytes, HEADER_BYTES);
  return out;
}
export const data = (flags: number, id: number, text: string | Uint8Array) =>
  frame(0, flags, id, typeof text === "string" ? Buffer.from(text) : text);
export const window = (flags: number, id: number, delta = 0) => frame(1, flags, id, delta);
export const ping = (flags: number, value: number) => frame(2, flags, 0, value);
export const goAway = (reason: number) => frame(3, 0, 0, reason);

/** A server session without a peer: `feed` gives it frames, `sent` returns the frames it answered. */
export function alone(options = {}) {
  const wire = new Wire(Number.POSITIVE_INFINITY);
  const session = new Session(wire, "server", options);
  const streams: Stream[] = [];
  session.onStream = (stream) => streams.push(stream);
  return {
    session,
    wire,
    streams,
    feed: (...frames: Uint8Array[]) => session.receive(Buffer.concat(frames)),
    async sent(): Promise<string[]> {
      await settle();
      return frames(Buffer.concat(wire.writes.splice(0)));
    },
  };
}

export function frames(bytes: Uint8Array): string[] {
  const list: string[] = [];
  const header = { type: 0, flags: 0, streamId: 0, length: 0 };
  for (let at = 0; at < bytes.length; at += HEADER_BYTES) {
    readHeader(bytes, at, header);
    const names = ["SYN", "ACK", "FIN", "RST"].filter((_, bit) => header.flags & (1 << bit)).join("|");
    const type = ["data", "window", "ping", "go away"][header.type];
    list.push([type, names, header.streamId, header.length].filter((part) => part !== "").join(" "));
    if (header.type === 0) at += header.length;
  }
  return list;
}

/** Collects what happens to a stream as readable lines. */
export function events(stream: Stream): string[] {
  const log: string[] = [];
  stream.onData = (chunk) => log.push(`data ${Buffer.from(chunk).toString("latin1")}`);
  stream.onEnd = () => log.push("end");
  stream.onReset = (reason) => log.push(`reset ${reason.name}`);
  stream.onDrain = () => log.push("drain");
  return log;
}

export function received(stream: Stream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    stream.onData = (chunk) => chunks.push(chunk);
    stream.onEnd = () => resolve(Buffer.concat(chunks));
    stream.onReset = reject;
  });
}

export function echo(session: Session): void {
  session.onStream = (stream) => {
    stream.onDrain = () => stream.resume();
    stream.onData = (chunk) => {
      if (!stream.write(chunk)) stream.pause();
    };
    stream.onEnd = () => stream.end();
  };
}

export const bytes = (size: number) =>
  Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 255));
