/**
 * Kills the process (kill -9) at every step of a delivery: nobody is missed, and only the request in progress may be
 * repeated.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../e2e/until.ts";
import { GraphStandIn } from "./testing/graph-stand-in.ts";
import { HEARD, MEMBERS } from "./testing/kill-world.ts";
import { MemoryStore } from "./testing/memory-store.ts";

const SOURCE = join(import.meta.dir, "testing/kill-child.ts");
const directory = mkdtempSync(join(tmpdir(), "kill-child-"));
const CHILD = join(directory, "kill-child.js");
// A hundred processes start, and bytecode loads in a third of the time of its 300 sources.
beforeAll(async () => {
  await Bun.build({
    entrypoints: [SOURCE],
    outdir: directory,
    target: "bun",
    format: "cjs",
    bytecode: true,
    minify: true,
  });
});
afterAll(() => rmSync(directory, { recursive: true }));

/** How many entries a record of the queue contains. */
const entries = (record: string | null) => (record === null ? 0 : (JSON.parse(record).entries?.length ?? 0));

/** The store and Graph; each request and each answer is a step at which the child can die. */
class Stage {
  readonly store = new MemoryStore();
  readonly graph = new GraphStandIn();
  readonly server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => this.#answer(request) });
  readonly steps: string[] = [];
  killAt = Number.POSITIVE_INFINITY;
  hookReturned = false;
  #child: Bun.Subprocess | null = null;

  start(task: string): void {
    this.#child = Bun.spawn([process.execPath, CHILD, `http://127.0.0.1:${this.server.port}`, task], {
      stdio: ["ignore", "inherit", "inherit"],
    });
  }

  get child(): Bun.Subprocess {
    if (!this.#child) throw new Error("no child");
    return this.#child;
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/hook-returned") {
      this.hookReturned = true;
      return Response.json({});
    }
    const body = await request.text();
    if (!url.pathname.startsWith("/graph")) {
      const { call, key, expected, next } = JSON.parse(body);
      const step =
        call === "compareAndSet" && entries(next) > entries(expected) ? `add to ${key}` : `${call} ${key}`;
      if (!this.#step(step)) return gone();
      const bytes = (value: string | null) => (value === null ? null : new TextEncoder().encode(value));
      const { store } = this;
      const results: Record<string, () => Promise<unknown>> = {
        get: async () => text(await store.get(key)),
        set: () => store.set(key, next),
        delete: () => store.delete(key),
        compareAndSet: () => store.compareAndSet(key, bytes(expected), bytes(next)),
      };
      const result = (await results[call]?.()) ?? null;
      return this.#step(`after ${step}`) ? Response.json(result) : gone();
    }
    const target = `https://graph.microsoft.com${url.pathname.slice("/graph".length)}${url.search}`;
    if (!this.#step(`ask ${url.pathname}`)) return gone();
    const response = await this.graph.fetch(target, { method: request.method, body: body || null });
    return this.#step(`answer ${url.pathname}`) ? response : gone();
  }

  /** Returns `false` when the child has just died, and its request or our answer with it. */
  #step(name: string): boolean {
    this.steps.push(name);
    if (this.steps.length !== this.killAt) return true;
    this.child.kill("SIGKILL");
    return false;
  }

  /** Waits until the queue was written to and is empty again. */
  async emptied(): Promise<void> {
    const written = () => this.steps.some((step) => step.startsWith("after add to queue_activity_"));
    await until(
      () => this.store.waiting.length === 0 && this.hookReturned && written(),
      () => `the outbox was not worked off: ${this.steps.slice(-5)}`,
    );
  }

  /** How many activities each person received. */
  get times(): number[] {
    const times = new Map<string, number>();
    for (const one of this.graph.told) times.set(one.objectId, (times.get(one.objectId) ?? 0) + 1);
    return [...times.values()];
  }
}

const stages: Stage[] = [];
function stage(): Stage {
  const made = new Stage();
  stages.push(made);
  return made;
}
afterAll(() => {
  for (const one of stages) one.server.stop(true);
});

const gone = () => new Response(null, { status: 500 });
const text = (value: Uint8Array | null) => (value ? new TextDecoder().decode(value) : null);

/** Calls `run` for each step, three at a time, because most of a run is the start of two processes. */
async function atEveryStep(from: number, to: number, run: (killAt: number) => Promise<void>): Promise<void> {
  let next = from;
  const lane = async () => {
    while (next <= to) await run(next++);
  };
  await Promise.all([lane(), lane(), lane()]);
}

test("kill -9 at every step", async () => {
  const undisturbed = stage();
  undisturbed.start("post");
  await undisturbed.emptied();
  undisturbed.child.kill("SIGKILL");
  expect(undisturbed.times).toEqual(Array.from({ length: MEMBERS }, () => 1));
  const steps = undisturbed.steps.length;
  const durable = undisturbed.steps.findIndex((step) => step.startsWith("after add to queue_activity_")) + 1;
  expect(durable).toBeGreaterThan(0);
  // At least the queue's write, three batches and their progress, all seen from both sides.
  expect(steps).toBeGreaterThan(15);

  let repeated = 0;
  await atEveryStep(durable, steps, async (killAt) => {
    const run = stage();
    run.killAt = killAt;
    run.start("post");
    await run.child.exited;
    run.hookReturned = true;
    run.start("resume");
    await run.emptied();
    run.child.kill("SIGKILL");
    const where = `killed at step ${killAt}, ${run.steps[killAt - 1]}`;
    expect(`${where}: ${run.times.length} people`).toBe(`${where}: ${MEMBERS} people`);
    const twice = run.times.filter((times) => times > 1).length;
    expect(Math.max(...run.times), where).toBeLessThanOrEqual(2);
    expect(twice, where).toBeLessThanOrEqual(100);
    if (twice > 0) repeated += 1;
  });
  // A request that was accepted before its progress was stored is repeated: if none ever was, the test checks
  // nothing.
  expect(repeated).toBeGreaterThan(0);
}, 600_000);

test("kill -9 at every step after the server's decision", async () => {
  const undisturbed = stage();
  undisturbed.start("heard");
  await undisturbed.emptied();
  undisturbed.child.kill("SIGKILL");
  expect(undisturbed.times).toEqual(HEARD.map(() => 1));
  // The hook does not wait for the store: only people in a stored record are durable. The first record is the post's
  // own, since this process knows nothing yet; then comes the first of the three, then the others.
  const written = (steps: readonly string[]) =>
    steps.flatMap((step, at) => (step.startsWith("after add to queue_activity_") ? [at + 1] : []));
  const durable = written(undisturbed.steps)[2] ?? 0;
  // Later writes are progress and removals: those follow a request to Microsoft.
  expect(undisturbed.steps.slice(0, durable).filter((step) => step.startsWith("ask "))).toEqual([]);

  let repeated = 0;
  let tried = 0;
  await atEveryStep(durable, undisturbed.steps.length, async (killAt) => {
    const run = stage();
    run.killAt = killAt;
    run.start("heard");
    await run.child.exited;
    // The dispatcher's reads come in between, in a different order each time: this run was killed before the third
    // write.
    if (written(run.steps).length < 3) return;
    tried += 1;
    run.hookReturned = true;
    run.start("resume");
    await run.emptied();
    run.child.kill("SIGKILL");
    const where = `killed at step ${killAt}, ${run.steps[killAt - 1]}`;
    expect(`${where}: ${run.times.length} people`).toBe(`${where}: ${HEARD.length} people`);
    expect(Math.max(...run.times), where).toBeLessThanOrEqual(2);
    if (run.times.some((times) => times > 1)) repeated += 1;
  });
  expect(tried).toBeGreaterThan(10);
  expect(repeated).toBeGreaterThan(0);
}, 600_000);
