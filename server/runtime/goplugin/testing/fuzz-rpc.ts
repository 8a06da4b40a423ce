import { any, Encoder, int, string, struct, type Type } from "../../gob/index.ts";
import { goldenRegistry, typesIn, vectors } from "../../gob/testing/golden.ts";
import { ConnectionLost, ProtocolError, RpcError, StreamReset } from "../errors.ts";
import { nothing, requestType, responseType } from "../rpc.ts";
import { RpcClient } from "../rpc-client.ts";
import { RpcServer } from "../rpc-server.ts";
import type { FuzzReport } from "./fuzz-input.ts";
import { type FuzzOptions, fuzz, mutate, type Outcome, pieces, type Random } from "./fuzz-input.ts";
import { joined } from "./wire.ts";

interface Pair {
  A: number;
  B: string;
}
const Pair: Type<Pair> = struct<Pair>("Pair", () => ({ A: int, B: string }));

/**
 * Sends mutated calls to a server and mutated answers to a client. Each call must end with a value or a typed error;
 * the stream stays alive or ends with a ProtocolError; the session below always stays alive.
 */
export function fuzzRpc(options: FuzzOptions): Promise<FuzzReport> {
  const toServer = requests().map((stream) => ({ stream }));
  const toClient = responses().map((stream) => ({ stream }));
  const makeInput = (random: Random) => {
    const seeds = random.below(2) === 0 ? toServer : toClient;
    // The first seed of each side is a whole conversation: it is worth as much as all single messages together.
    return mutate((random.below(2) === 0 ? seeds[0] : random.pick(seeds))?.stream ?? empty, random, seeds);
  };
  return fuzz("rpc", options, makeInput, async (input, random) => {
    const seen = [await serve(input, random), await call(input, random)];
    return seen.find((outcome) => outcome === "accepted") ?? seen[0] ?? "incomplete";
  });
}

const empty = new Uint8Array();
const golden = vectors.map(({ stream, values }) => ({ stream, type: typesIn(stream, values.length)[0] }));

function requests(): Uint8Array[] {
  const encoder = new Encoder({ registry: goldenRegistry });
  const conversation = Buffer.concat([
    encoder.encodePair(requestType, { ServiceMethod: "Plugin.Pair", Seq: 0 }, Pair, { A: -5, B: "x" }),
    encoder.encodePair(requestType, { ServiceMethod: "Plugin.Any", Seq: 1 }, any, { key: ["a", 1, true] }),
    encoder.encodePair(requestType, { ServiceMethod: "Plugin.Fails", Seq: 2 }, nothing, {}),
    encoder.encodePair(requestType, { ServiceMethod: "Plugin.None", Seq: 3 }, string, "nobody"),
  ]);
  const head = () => new Encoder().encode(requestType, { ServiceMethod: "Plugin.Any", Seq: 7 });
  return [conversation, ...golden.map(({ stream }) => Buffer.concat([head(), stream]))];
}

function responses(): Uint8Array[] {
  const encoder = new Encoder();
  const head = (seq: number, error = "") => ({ ServiceMethod: "Plugin.Pair", Seq: seq, Error: error });
  return [
    Buffer.concat([
      encoder.encodePair(responseType, head(0), Pair, { A: 7, B: "seven" }),
      encoder.encodePair(responseType, head(2, "no such method"), nothing, {}),
      encoder.encodePair(responseType, head(1), string, "one"),
    ]),
    ...golden.map(({ stream }) => Buffer.concat([new Encoder().encode(responseType, head(3)), stream])),
  ];
}

async function serve(input: Uint8Array, random: Random): Promise<Outcome> {
  const { client, server, reported } = joined();
  let over: Error | null = null;
  let answered = 0;
  let rpc: RpcServer | null = null;
  server.onStream = (stream) => {
    rpc = new RpcServer(stream, { registry: goldenRegistry });
    rpc.closed.then((reason) => {
      over = reason;
    });
    rpc.handle("Plugin.Pair", Pair, Pair, (pair) => pair);
    rpc.handle("Plugin.Any", any, nothing, async () => ({}));
    rpc.handle("Plugin.Fails", nothing, nothing, () => {
      throw new Error("fails");
    });
  };
  const stream = client.open();
  stream.onData = (bytes) => {
    answered += bytes.length;
  };
  for (const piece of pieces(input, random)) stream.write(piece);
  await turns();
  const reason = over as Error | null;
  if (reason && !(reason instanceof ProtocolError)) throw reason;
  if (reported.length > 0) throw reported[0];
  if (client.isClosed || server.isClosed) throw new Error("the session ended");
  if (!reason && (rpc as RpcServer | null)?.pendingCalls !== 0) throw new Error("a call was never answered");
  end(client, server);
  return reason ? "rejected" : answered > 0 ? "accepted" : "incomplete";
}

async function call(input: Uint8Array, random: Random): Promise<Outcome> {
  const { client, server, reported } = joined();
  server.onStream = (stream) => {
    stream.onData = () => {};
    for (const piece of pieces(input, random)) stream.write(piece);
  };
  const rpc = new RpcClient(client.open(), { registry: goldenRegistry });
  const calls = [
    rpc.call("Plugin.Pair", { args: nothing, returns: Pair }, {}),
    rpc.call("Plugin.Text", { args: nothing, returns: string }, {}),
    rpc.call("Plugin.Nothing", { args: nothing, returns: nothing }, {}),
    rpc.call("Plugin.Any", { args: nothing, returns: any }, {}),
  ];
  const ends = calls.map((one) =>
    one.then(
      () => "value",
      (error: Error) => error,
    ),
  );
  await turns();
  const pending = rpc.pendingCalls;
  if (reported.length > 0) throw reported[0];
  if (client.isClosed || server.isClosed) throw new Error("the session ended");
  end(client, server);
  const results = await Promise.all(ends);
  const allowed = [ProtocolError, RpcError, ConnectionLost, StreamReset];
  for (const result of results) {
    if (result instanceof Error && !allowed.some((kind) => result instanceof kind)) throw result;
  }
  if (results.some((result) => result instanceof ProtocolError)) return "rejected";
  return pending < calls.length ? "accepted" : "incomplete";
}

function end(...sessions: { disconnected(): void; openStreams: number }[]): void {
  for (const session of sessions) {
    session.disconnected();
    if (session.openStreams > 0) throw new Error("streams of a session that is over");
  }
}

/** Waits long enough for bytes to cross the wire in memory and back. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 24; turn++) await Promise.resolve();
}
