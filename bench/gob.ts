/**
 * Measures the cost of gob per value, on streams that know the types already, over the values of
 * server/runtime/gob/testdata: `npm run bench -- gob`. A prototype reached: header encoded 0.18 µs, Post args decoded
 * 1.7, ServeHTTP args 1.0, User 1.1, KVGet 0.17, GetConfig 19 whole, 9.5 for three fields, 8 skipped.
 */

import {
  bool,
  Decoder,
  Encoder,
  pointer,
  string,
  struct,
  type Type,
  uint,
} from "../server/runtime/gob/index.ts";
import { goldenRegistry as registry, typesIn, vectors } from "../server/runtime/gob/testing/golden.ts";

const header = struct("Response", () => ({ ServiceMethod: string, Seq: uint, Error: string }));
const someSettings = struct("Returns", () => ({
  A: pointer(
    struct("Config", () => ({
      ServiceSettings: struct("ServiceSettings", () => ({ SiteURL: string, EnableLinkPreviews: bool })),
      TeamSettings: struct("TeamSettings", () => ({ SiteName: string })),
    })),
  ),
}));

const rows: [name: string, microseconds: number][] = [
  ["rpc header, encode", encode(header, { ServiceMethod: "Plugin.SyncHeader", Seq: 7, Error: "" })],
  ...[
    "Z_KVGetReturns value",
    "model.User",
    "Z_ServeHTTPArgs",
    "Z_MessageHasBeenPostedArgs",
    "Z_GetConfigReturns defaults",
  ].flatMap((name): [string, number][] => {
    const { stream, type, value } = golden(name);
    const list: [string, number][] = [
      [`${name}, encode`, encode(type, value)],
      [`${name}, decode`, decode(type, value, type)],
      [`${name}, skip`, decode(type, value, undefined)],
    ];
    if (name.includes("Config")) list.push([`${name}, three fields`, decode(type, value, someSettings)]);
    list.push([`${name}, new stream`, freshStream(stream, type)]);
    return list;
  }),
];
for (const [name, microseconds] of rows)
  console.log(`${name.padEnd(46)} ${microseconds.toFixed(2).padStart(8)} µs`);

function golden(name: string) {
  const vector = vectors.find((v) => v.name === name);
  if (vector === undefined) throw new Error(`no golden value ${name}`);
  const [type] = typesIn(vector.stream, 1) as [Type<unknown>];
  const decoder = new Decoder({ registry });
  decoder.push(vector.stream);
  return { stream: vector.stream, type, value: decoder.read(type) };
}

function encode(type: Type<never> | Type<unknown>, value: unknown): number {
  const encoder = new Encoder({ registry });
  return median(() => encoder.encode(type as Type<unknown>, value));
}

function decode(sent: Type<unknown>, value: unknown, wanted: Type<unknown> | undefined): number {
  const encoder = new Encoder({ registry });
  const decoder = new Decoder({ registry });
  decoder.push(encoder.encode(sent, value));
  decoder.skip();
  const again = encoder.encode(sent, value);
  return median(() => {
    decoder.push(again);
    if (wanted === undefined) decoder.skip();
    else decoder.read(wanted);
  });
}

function freshStream(stream: Uint8Array, type: Type<unknown>): number {
  return median(() => {
    const decoder = new Decoder({ registry });
    decoder.push(stream);
    decoder.read(type);
  });
}

/**
 * Microseconds of processor time per run: the median of 15 rounds of some milliseconds, after 0.4 s for the compiler.
 */
function median(run: () => void): number {
  const round = (count: number): number => {
    const started = process.cpuUsage();
    for (let i = 0; i < count; i++) run();
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1000;
  };
  for (const until = performance.now() + 400; performance.now() < until; ) round(10);
  let count = 10;
  while (round(count) < 5) count *= 2;
  const times = Array.from({ length: 15 }, () => (round(count) / count) * 1000);
  return times.sort((a, b) => a - b)[7] as number;
}
