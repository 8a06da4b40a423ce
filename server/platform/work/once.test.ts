// Several nodes share one store.
import { beforeEach, describe, expect, test } from "bun:test";
import { makeCluster } from "../../runtime/mattermost/cluster.ts";
import { makeKeyValueStore } from "../../runtime/mattermost/kv.ts";
import type { Logger } from "../../runtime/mattermost/log.ts";
import { MemoryKv } from "../../runtime/mattermost/testing/kv.ts";
import { Once, type Turn } from "./once.ts";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
let memory: MemoryKv;
let nodes: Once[];
beforeEach(() => {
  memory = new MemoryKv();
  nodes = [1, 2, 3].map(() => {
    const kv = makeKeyValueStore(memory);
    const cluster = makeCluster({ publishPluginClusterEvent: async () => {} }, kv, silent);
    return new Once({ cluster, kv, prefix: "x_" });
  });
});
const on = (node: number) => nodes[node] as Once;

describe("requests with the same key on several nodes", () => {
  test("run one after the other, and each later run finds the note of the first", async () => {
    let inside = 0;
    const seen: (string | null)[] = [];
    const work = async (turn: Turn) => {
      inside += 1;
      expect(inside).toBe(1);
      const noted = await turn.noted();
      seen.push(noted);
      await Bun.sleep(5);
      await turn.note("sent");
      inside -= 1;
      return noted ?? "sent";
    };
    const answers = await Promise.all(nodes.map((node) => node.run("ana event", "accept", work)));
    expect(answers).toEqual(["sent", "sent", "sent"]);
    expect(seen).toEqual([null, "sent", "sent"]);
  });

  test("find no note of a request with other words, nor one from before it", async () => {
    const noted: (string | null)[] = [];
    const work = async (turn: Turn) => {
      noted.push(await turn.noted());
      await turn.note("sent");
    };
    await on(0).run("event", "accept", work);
    await on(1).run("event", "decline", work);
    await on(0).run("event", "accept", work);
    await on(1).run("event", "accept", work);
    await on(1).run("other event", "accept", work);
    expect(noted).toEqual([null, null, null, "sent", null]);
  });

  test("run at once after one of them failed, and do not share its failure", async () => {
    const failed = on(0).run("event", "accept", async () => {
      throw new Error("Outlook is away");
    });
    expect(failed).rejects.toThrow("Outlook is away");
    await failed.catch(() => {});
    expect(await on(1).run("event", "accept", ({ noted }) => noted())).toBeNull();
    expect([...memory.values.keys()]).toEqual([]);
  });
});

test("a run that is stopped while another node works does nothing", async () => {
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = on(0).run("event", "accept", async () => {
    begun.resolve();
    await released.promise;
  });
  await begun.promise;
  const stopping = new AbortController();
  const done: string[] = [];
  const work = async () => void done.push("change");
  const second = on(1).run("event", "change", work, stopping.signal);
  stopping.abort();
  expect(second).rejects.toThrow("aborted");
  await second.catch(() => {});
  released.resolve();
  await first;
  expect(done).toEqual([]);
  await on(1).run("event", "change", work, new AbortController().signal);
  expect(done).toEqual(["change"]);
});

test("a request that waits too long for another node is refused as still running, and does nothing", async () => {
  const kv = makeKeyValueStore(memory);
  const cluster = makeCluster({ publishPluginClusterEvent: async () => {} }, kv, silent);
  const impatient = new Once({ cluster, kv, prefix: "x_", waitMs: 30 });
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = on(0).run("event", "accept", async () => {
    begun.resolve();
    await released.promise;
  });
  await begun.promise;
  const done: string[] = [];
  const again = () => impatient.run("event", "accept", async () => void done.push("accept"));
  expect(await again().catch((error) => error.code)).toBe("still_running");
  // For a caller with a signal, too: the queue of changes tries again.
  const turn = impatient.inTurn("event", async () => void done.push("change"), new AbortController().signal);
  expect(await turn.catch((error) => error.code)).toBe("still_running");
  expect(done).toEqual([]);
  released.resolve();
  await first;
  await again();
  expect(done).toEqual(["accept"]);
});

test("on one node, requests with the same words share one run, and others wait for it in their order", async () => {
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(name);
    await Bun.sleep(2);
    return name;
  };
  const answers = await Promise.all([
    on(0).run("event", "accept", work("first")),
    on(0).run("event", "accept", work("joins")),
    on(0).run("event", "decline", work("waits")),
    on(0).run("other", "accept", work("beside")),
  ]);
  expect(answers).toEqual(["first", "first", "waits", "beside"]);
  expect(order.filter((name) => name !== "beside")).toEqual(["first", "waits"]);
});

test("only a note is stored, it expires, and it contains no words of the request", async () => {
  await on(0).run("event", "a comment", ({ note }) => note("7"));
  const [key = ""] = memory.values.keys();
  expect([...memory.values.keys()]).toEqual([expect.stringMatching(/^x_/)]);
  expect(memory.expiries.get(key)).toBe(60);
  expect(Buffer.from(memory.values.get(key) ?? []).toString()).not.toContain("comment");
});
