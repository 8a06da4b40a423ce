/** The services of the interoperability test, and functions that collect and check their bytes. */

import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { StreamReset } from "../errors.ts";
import type { Session } from "../session.ts";
import type { Stream } from "../stream.ts";

/** The services of main.go, on our side. */
export function serve(stream: Stream): void {
  let head = "";
  stream.onData = (chunk) => {
    head += Buffer.from(chunk).toString("latin1");
    const end = head.indexOf("\n");
    if (end < 0) return;
    const [service, ...numbers] = head.slice(0, end).split(" ");
    const rest = Buffer.from(head.slice(end + 1), "latin1");
    if (service === "echo") echo(stream, rest);
    else if (service === "source") stream.end(pattern(Number(numbers[0])));
    else if (service === "reset-me") stream.reset();
    else if (service === "sink") {
      const hash = createHash("sha256").update(rest);
      let total = rest.length;
      stream.onData = (bytes) => {
        hash.update(bytes);
        total += bytes.length;
      };
      stream.onEnd = () => stream.end(Buffer.from(`${total} ${hash.digest("hex")}`));
    }
  };
}

export function echo(stream: Stream, first: Uint8Array): void {
  stream.onDrain = () => stream.resume();
  stream.onData = (chunk) => {
    if (!stream.write(chunk)) stream.pause();
  };
  stream.onEnd = () => stream.end();
  stream.write(first);
}

export function collectOpened(session: Session): () => number {
  let count = 0;
  const serveStream = session.onStream;
  session.onStream = (stream) => {
    count++;
    serveStream?.(stream);
  };
  return () => count;
}

export function collect(stream: Stream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    stream.onData = (chunk) => chunks.push(chunk);
    stream.onEnd = () => resolve(Buffer.concat(chunks));
    stream.onReset = (reason) => reject(reason instanceof StreamReset ? new Error("reset") : reason);
  });
}

export function line(service: string): Buffer {
  return Buffer.from(`${service}\n`);
}

export function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = (size + 1) >>> 0;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function sum(size: number): string {
  return `${size} ${createHash("sha256").update(pattern(size)).digest("hex")}`;
}

export function openFiles(): number {
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
}
