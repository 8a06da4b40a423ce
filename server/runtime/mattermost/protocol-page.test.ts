import { expect, test } from "bun:test";
import { join } from "node:path";
import { Decoder, limits as gobLimits, string, struct, type Type, uint } from "../gob/index.ts";
import { MAX_OPEN_STREAMS, MAX_PENDING_CALLS, MAX_UNACKNOWLEDGED_STREAMS } from "../goplugin/limits.ts";
import { apiLimits } from "./api-limits.ts";
import * as http from "./http/limits.ts";

/** Checks that the example bytes in docs/plugin-protocol.md mean what the page says. */
const page = await Bun.file(join(import.meta.dir, "../../../docs/plugin-protocol.md")).text();
const lines = /```hex\n([\s\S]*?)```/.exec(page)?.[1]?.trimEnd().split("\n") ?? [];
const bytes = Uint8Array.from(
  lines
    .flatMap((line) => (line.split(/ {3,}/)[0] as string).trim().split(" "))
    .map((pair) => Number.parseInt(pair, 16)),
);

interface Frame {
  type: number;
  flags: number;
  stream: number;
  body: Uint8Array;
}

function frames(): Frame[] {
  const view = new DataView(bytes.buffer);
  const found: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at + 8);
    found.push({
      type: view.getUint8(at + 1),
      flags: view.getUint16(at + 2),
      stream: view.getUint32(at + 4),
      body: bytes.subarray(at + 12, at + 12 + length),
    });
    at += 12 + length;
  }
  return found;
}

const fields = (types: Record<string, Type<unknown>>) => struct<Record<string, unknown>>("", () => types);

test("the example call of the protocol page decodes to that call", () => {
  const [opening, call] = frames();
  expect(opening).toEqual({ type: 0, flags: 1, stream: 2, body: Uint8Array.of(7, 0, 0, 0) });
  expect(call).toMatchObject({ type: 0, flags: 0, stream: 2 });
  const decoder = new Decoder();
  decoder.push(call?.body as Uint8Array);
  expect(decoder.read(fields({ ServiceMethod: string, Seq: uint }))).toEqual({
    ServiceMethod: "Plugin.KVGet",
    Seq: 0,
  });
  expect(decoder.read(fields({ A: string }))).toEqual({ A: "color" });
});

test("the table of limits matches the code", () => {
  const table = page.slice(page.indexOf("### Limits"));
  const row = (start: string) => table.split("\n").find((line) => line.startsWith(`| ${start}`)) ?? "";
  const written = (n: number) => n.toLocaleString("en");
  for (const [start, ...numbers] of [
    ["an API call", apiLimits.usual],
    ["calls that carry a file", apiLimits.slow],
    ["calls that lend a stream", apiLimits.idle],
    ["the next byte", http.BODY_IDLE_SECONDS, http.BODY_SECONDS],
    ["bodies that are waited for, of one route", http.MAX_BODIES_PER_ROUTE],
    ["bodies that are waited for, in all", http.MAX_BODIES],
    ["requests under way", http.MAX_REQUESTS, http.STUCK_SECONDS],
    ["`SyncHeader`", http.HEADER_SECONDS, http.WRITE_SECONDS],
    ["hooks under way", MAX_PENDING_CALLS],
    ["streams", MAX_OPEN_STREAMS, MAX_UNACKNOWLEDGED_STREAMS],
    ["a message of gob", gobLimits.maxMessageBytes / 1024 / 1024],
  ] as [string, ...number[]][]) {
    for (const number of numbers)
      expect(row(start)).toMatch(new RegExp(`(?<![\\d,])${written(number)}(?![\\d,])`));
  }
});
