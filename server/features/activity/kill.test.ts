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
import { MEMBERS, PUSHED_TO } from "./testing/kill-world.ts";
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

interface StoredEntry {
  readonly value: { readonly post: string; readonly pushedTo?: string[] };
}

/** The people that a record of the queue names, and `everybody` for a post whose readers are not decided yet. */
function namedIn(record: string | null): string[] {
  const entries: StoredEntry[] = record === null ? [] : (JSON.parse(record).entries ?? []);
  return entries.flatMap(({ value }) => value.pushedTo ?? ["everybody"]);
}

/** The request that makes activities, and its answer. */
const SENDS = "/graph/v1.0/teamwork/sendActivityNotification";

/** The store and Graph; each request and each answer is a step at which the child can die. */
class Stage {
  readonly store = new MemoryStore();
  readonly graph = new GraphStandIn();
  readonly server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => this.#answer(request) });
  readonly steps: string[] = [];
  /** At which step the child dies: called with each step since the work was durable, the first one included. */
  killAt: (step: string, number: number) => boolean = () => false;
  hookReturned = false;
  readonly #task: "post" | "push";
  readonly #named = new Set<string>();
  /** Steps since everything that must be delivered is in a stored record, this write included. */
  durableSteps = 0;
  #child: Bun.Subprocess | null = null;

  constructor(task: "post" | "push") {
    this.#task = task;
  }

  /** Whom the queue must have named before a kill. */
  get #isDurable(): boolean {
    const people = this.#task === "post" ? ["everybody"] : PUSHED_TO;
    return people.every((one) => this.#named.has(one));
  }

  start(task: "resume" | "post" | "push" = this.#task): void {
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
      const step = `${call} ${key}`;
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
      if (call === "compareAndSet" && result === true && key.startsWith("queue_activity_"))
        for (const name of namedIn(next)) this.#named.add(name);
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
    if (!this.#isDurable) return true;
    this.durableSteps += 1;
    if (!this.killAt(name, this.durableSteps)) return true;
    this.killAt = () => false;
    this.child.kill("SIGKILL");
    return false;
  }

  /** Waits until the queue was written to and is empty again. */
  async emptied(): Promise<void> {
    await until(
      () => this.store.waiting.length === 0 && this.hookReturned && this.#isDurable,
      () => `the outbox was not worked off: ${this.steps.slice(-5)}`,
    );
  }

  /** How many activities each person received. */
  get times(): number[] {
    const times = new Map<string, number>();
    for (const one of this.graph.sent) times.set(one.objectId, (times.get(one.objectId) ?? 0) + 1);
    return [...times.values()];
  }
}

const stages: Stage[] = [];
function stage(task: "post" | "push"): Stage {
  const made = new Stage(task);
  stages.push(made);
  return made;
}
afterAll(() => {
  for (const one of stages) one.server.stop(true);
});

const gone = () => new Response(null, { status: 500 });
const text = (value: Uint8Array | null) => (value ? new TextDecoder().decode(value) : null);

/** Calls `run` for each step, three at a time, because most of a run is the start of two processes. */
async function atEveryStep(steps: number, run: (killAt: number) => Promise<unknown>): Promise<void> {
  let next = 1;
  const lane = async () => {
    while (next <= steps) await run(next++);
  };
  await Promise.all([lane(), lane(), lane()]);
}

/** Lets a process do the task and another one finish it after the kill. Returns how many people were notified twice. */
async function killed(task: "post" | "push", people: number, killAt: Stage["killAt"]): Promise<number> {
  const run = stage(task);
  let where = "not killed";
  run.killAt = (step, number) => {
    if (!killAt(step, number)) return false;
    where = `killed at ${step}, ${number} steps after it was durable`;
    return true;
  };
  run.start();
  // The processes take their steps in different orders, and some need fewer.
  await Promise.race([run.child.exited, run.emptied()]);
  run.killAt = () => false;
  run.child.kill("SIGKILL");
  await run.child.exited;
  run.hookReturned = true;
  run.start("resume");
  await run.emptied();
  run.child.kill("SIGKILL");
  expect(`${where}: ${run.times.length} people`).toBe(`${where}: ${people} people`);
  expect(Math.max(...run.times), where).toBeLessThanOrEqual(2);
  const twice = run.times.filter((times) => times > 1).length;
  expect(twice, where).toBeLessThanOrEqual(100);
  return twice;
}

for (const [name, task, people] of [
  ["kill -9 at every step", "post", MEMBERS],
  // The hook does not wait for the store: only people in a stored record are durable.
  ["kill -9 at every step after the server's decision", "push", PUSHED_TO.length],
] as const)
  test(name, async () => {
    const undisturbed = stage(task);
    undisturbed.start();
    await undisturbed.emptied();
    undisturbed.child.kill("SIGKILL");
    expect(undisturbed.times).toEqual(Array.from({ length: people }, () => 1));
    // At least the write, a request and the removal, all seen from both sides.
    expect(undisturbed.durableSteps).toBeGreaterThanOrEqual(5);

    await atEveryStep(undisturbed.durableSteps, (killAt) =>
      killed(task, people, (_, number) => number === killAt),
    );
    // A request that was accepted before its progress was stored is repeated: if not, the kills come too late.
    const isAnswer = (step: string) => step.startsWith(`answer ${SENDS}`);
    expect(await killed(task, people, isAnswer)).toBeGreaterThan(0);
  }, 600_000);
