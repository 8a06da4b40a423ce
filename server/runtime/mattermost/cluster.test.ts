import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { makeCluster } from "./cluster.ts";
import { makeKeyValueStore } from "./kv.ts";
import { takeLease } from "./lease.ts";
import type { Logger } from "./log.ts";
import { fakeTime } from "./testing/fake-time.ts";
import { MemoryKv } from "./testing/kv.ts";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const published: unknown[] = [];

/** Several nodes over one store, as in a cluster. */
function nodes(count: number) {
  const memory = new MemoryKv();
  const kv = makeKeyValueStore(memory);
  const api = { publishPluginClusterEvent: async (...args: unknown[]) => void published.push(args) };
  return { memory, kv, nodes: Array.from({ length: count }, () => makeCluster(api, kv, silent)) };
}

const { pass, until } = fakeTime;
beforeEach(fakeTime.start);
afterEach(fakeTime.stop);

describe("a lease", () => {
  test("is held by one node, and free after release", async () => {
    const { kv } = nodes(1);
    const first = await takeLease(kv, "x", 1000);
    expect(await takeLease(kv, "x", 1000)).toBeNull();
    await first?.release();
    const second = await takeLease(kv, "x", 1000);
    expect(second).not.toBeNull();
    await second?.release();
  });

  test("is stored in a key that expires on the server", async () => {
    const { kv, memory } = nodes(1);
    const lease = await takeLease(kv, "x", 30_000);
    expect(memory.expiries.get("lease_x")).toBe(30);
    await lease?.release();
    expect(memory.values.size).toBe(0);
  });

  test("is renewed with a changing value", async () => {
    const { kv, memory } = nodes(1);
    const lease = await takeLease(kv, "x", 60);
    const before = String(memory.values.get("lease_x"));
    await until(() => String(memory.values.get("lease_x")) !== before);
    expect(lease?.signal.aborted).toBe(false);
    await lease?.release();
  });

  test("that another node took over is lost, and its key is left alone", async () => {
    const { kv, memory } = nodes(1);
    const lease = await takeLease(kv, "x", 60);
    const others = new TextEncoder().encode("other node 0");
    memory.values.set("lease_x", others);
    await until(() => lease?.signal.aborted === true);
    await lease?.release();
    expect(memory.values.get("lease_x")).toEqual(others);
  });

  test("that cannot be renewed is lost when it expires, not before", async () => {
    const { kv, memory } = nodes(1);
    const lease = await takeLease(kv, "x", 900);
    memory.beforeWrite = () => {
      throw new Error("database down");
    };
    await pass(899); // two renewals have failed
    expect(lease?.signal.aborted).toBe(false);
    await pass(2);
    expect(lease?.signal.aborted).toBe(true);
  });

  test("whose renewal is never answered is lost when it expires, too", async () => {
    const { kv, memory } = nodes(1);
    const lease = await takeLease(kv, "x", 900);
    memory.beforeWrite = () => new Promise<never>(() => {});
    await pass(899);
    expect(lease?.signal.aborted).toBe(false);
    await pass(2);
    expect(lease?.signal.aborted).toBe(true);
  });

  test("is held for its full time after the last successful renewal", async () => {
    const { kv, memory } = nodes(1);
    const lease = await takeLease(kv, "x", 900);
    await pass(450); // renewed at 300
    memory.beforeWrite = () => {
      throw new Error("database down");
    };
    await pass(749);
    expect(lease?.signal.aborted).toBe(false);
    await pass(2);
    expect(lease?.signal.aborted).toBe(true);
  });

  test("survives when the answer to a write is lost", async () => {
    const { kv, memory } = nodes(1);
    const lease = await takeLease(kv, "x", 600);
    const write = memory.kvSetWithOptions.bind(memory);
    let lost = 0;
    memory.kvSetWithOptions = async (...args) => {
      const answer = await write(...args);
      if (lost++ === 0) throw new Error("connection reset");
      return answer;
    };
    await until(() => lost >= 3);
    expect(lease?.signal.aborted).toBe(false);
    await lease?.release();
    expect(memory.values.size).toBe(0);
  });
});

describe("lock", () => {
  test("admits one holder at a time", async () => {
    const { nodes: many } = nodes(5);
    let inside = 0;
    let most = 0;
    let left = many.length;
    for (const node of many)
      void node.lock("x").then(async (lease) => {
        most = Math.max(most, ++inside);
        await Bun.sleep(2);
        inside--;
        await lease.release();
        left--;
      });
    await until(() => left === 0);
    expect(most).toBe(1);
  });

  test("stops waiting when its signal aborts", async () => {
    const { nodes: many } = nodes(2);
    const held = await many[0]?.lock("x");
    const stop = new AbortController();
    const outcome = many[1]?.lock("x", { signal: stop.signal }).then(
      () => "taken",
      (error: Error) => error.message,
    );
    await pass(120);
    stop.abort(new Error("no longer wanted"));
    expect(await outcome).toBe("no longer wanted");
    await held?.release();
  });
});

describe("runOnOneNode", () => {
  test("runs on one of three nodes, again and again", async () => {
    const { nodes: many } = nodes(3);
    const runs = [0, 0, 0];
    const jobs = many.map((node, i) =>
      node.runOnOneNode("x", { everyMs: 2, leaseMs: 1000 }, async () => {
        (runs[i] as number)++;
      }),
    );
    await until(() => Math.max(...runs) >= 5);
    expect(runs.filter((count) => count > 0)).toHaveLength(1);
    await Promise.all(jobs.map((job) => job.stop()));
  });

  test("moves to another node when the first stops", async () => {
    const { nodes: many } = nodes(2);
    const ran: string[] = [];
    const options = { everyMs: 2, leaseMs: 40 };
    const first = many[0]?.runOnOneNode("x", options, async () => void ran.push("first"));
    await until(() => ran.includes("first"));
    const second = many[1]?.runOnOneNode("x", options, async () => void ran.push("second"));
    await pass(20);
    expect(ran).not.toContain("second");
    await first?.stop();
    await until(() => ran.includes("second"));
    await second?.stop();
  });

  test("a restart does not run a rare job before it is due", async () => {
    const { nodes: many, memory } = nodes(2);
    let runs = 0;
    const options = { everyMs: 60_000, leaseMs: 50 };
    const first = many[0]?.runOnOneNode("x", options, async () => void runs++);
    await until(() => memory.values.has("job_x"));
    await first?.stop();
    const second = many[1]?.runOnOneNode("x", options, async () => void runs++);
    await pass(80);
    await second?.stop();
    expect(runs).toBe(1);
    expect([...memory.values.keys()]).toEqual(["job_x"]);
  });

  test("a rare job that was cut short is run again by the next node, not only when it is due", async () => {
    const { nodes: many, memory } = nodes(2);
    const ran: string[] = [];
    const options = { everyMs: 60_000, leaseMs: 50 };
    const first = many[0]?.runOnOneNode("x", options, async (signal) => {
      ran.push("first");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    });
    await until(() => ran.length > 0);
    await first?.stop();
    expect([...memory.values.keys()]).toEqual([]);
    const second = many[1]?.runOnOneNode("x", options, async () => void ran.push("second"));
    await until(() => ran.length > 1);
    await second?.stop();
    expect(ran).toEqual(["first", "second"]);
    expect([...memory.values.keys()]).toEqual(["job_x"]);
  });

  test("a job that throws is run again", async () => {
    const { nodes: many } = nodes(1);
    let runs = 0;
    const job = many[0]?.runOnOneNode("x", { everyMs: 1, leaseMs: 1000 }, async () => {
      runs++;
      throw new Error("no luck");
    });
    await until(() => runs >= 3);
    await job?.stop();
  });

  test("a job's signal is aborted when its lease is lost", async () => {
    const { nodes: many, memory } = nodes(1);
    let aborted = false;
    const job = many[0]?.runOnOneNode("x", { everyMs: 1, leaseMs: 60 }, async (signal) => {
      memory.values.set("lease_x", new TextEncoder().encode("another node"));
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      aborted = true;
    });
    await until(() => aborted);
    await job?.stop();
  });

  test("an unreachable store is retried", async () => {
    const { nodes: many, memory } = nodes(1);
    let down = true;
    memory.beforeWrite = () => {
      if (down) throw new Error("database down");
    };
    let runs = 0;
    const job = many[0]?.runOnOneNode("x", { everyMs: 1, leaseMs: 10 }, async () => void runs++);
    await pass(20);
    expect(runs).toBe(0);
    down = false;
    await until(() => runs > 0);
    await job?.stop();
  });
});

test("a job registered before activation waits for it, and can be stopped before", async () => {
  const { kv, memory } = nodes(1);
  const activation = Promise.withResolvers<void>();
  const api = { publishPluginClusterEvent: async () => {} };
  const node = makeCluster(api, kv, silent, activation.promise);
  let runs = 0;
  const early = node.runOnOneNode("early", { everyMs: 1, leaseMs: 1000 }, async () => void runs++);
  const job = node.runOnOneNode("x", { everyMs: 1, leaseMs: 1000 }, async () => void runs++);
  await early.stop();
  await pass(5);
  expect(memory.calls).toBe(0);
  activation.resolve();
  await until(() => runs > 0);
  await job.stop();
});

test("publish sends bytes or text, reliably by default", async () => {
  const { nodes: many } = nodes(1);
  await many[0]?.publish("config", "x");
  await many[0]?.publish("config", Uint8Array.of(1), { sendType: "best_effort", targetId: "node2" });
  expect(published).toEqual([
    [
      { Id: "config", Data: new TextEncoder().encode("x") },
      { SendType: "reliable", TargetId: "" },
    ],
    [
      { Id: "config", Data: Uint8Array.of(1) },
      { SendType: "best_effort", TargetId: "node2" },
    ],
  ]);
});

test("a handler that throws does not prevent other handlers of the event", async () => {
  const { nodes: many } = nodes(1);
  const seen: string[] = [];
  many[0]?.on("e", () => {
    throw new Error("bad handler");
  });
  many[0]?.on("e", () => void seen.push("second"));
  many[0]?.receive({ Id: "e", Data: new Uint8Array(0) });
  await pass(1);
  expect(seen).toEqual(["second"]);
});
