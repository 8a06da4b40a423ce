import { expect, test } from "bun:test";
import { watchPlugin } from "./plugin-watch.ts";

const ANSWER_LIMIT_MS = 10_000;

function stage() {
  const seen: boolean[] = [];
  const world = { status: 200 as number | "broken" | "silent", asked: 0, waits: [] as number[] };
  const timers = new Set<() => void>();
  const watch = watchPlugin({
    pluginPath: "/chat/plugins/mission-collaboration",
    fetch: (async (path: string, { signal }: { signal: AbortSignal }) => {
      expect(path).toBe("/chat/plugins/mission-collaboration/public/tab/assets.json");
      world.asked += 1;
      if (world.status === "broken") throw new TypeError("network");
      if (world.status === "silent")
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      return new Response("", { status: world.status });
    }) as unknown as typeof fetch,
    later(ms, then) {
      if (ms !== ANSWER_LIMIT_MS) world.waits.push(ms);
      timers.add(then);
      return () => timers.delete(then);
    },
    changed: (away) => seen.push(away),
  });
  /** The one timer that runs ends: the wait for the next request, or the limit of the request under way. */
  const due = async () => {
    expect(timers.size).toBe(1);
    for (const then of [...timers]) {
      timers.delete(then);
      then();
    }
    await Bun.sleep(0);
  };
  const pass = async (status: typeof world.status) => {
    world.status = status;
    await due();
  };
  return { seen, world, watch, pass, due };
}

for (const status of [404, 501]) {
  test(`${status} twice: the plugin is switched off; 200: it is back`, async () => {
    const { seen, world, pass } = stage();
    await pass(200);
    await pass(status);
    expect(seen).toEqual([]);
    await pass(status);
    await pass(status);
    expect(seen).toEqual([true]);
    await pass(200);
    await pass(200);
    expect(seen).toEqual([true, false]);
    expect(world.waits).toEqual([60_000, 60_000, 15_000, 15_000, 15_000, 60_000, 60_000]);
  });
}

test("an update between two requests is not reported", async () => {
  const { seen, pass } = stage();
  for (const status of [404, 200, 404, 200]) await pass(status);
  expect(seen).toEqual([]);
});

for (const status of [502, 503, 401, 500, "broken"] as const) {
  test(`${status} reports no change, neither while the plugin is on nor while it is off`, async () => {
    const { seen, pass } = stage();
    for (let i = 0; i < 3; i++) await pass(status);
    expect(seen).toEqual([]);
    for (const one of [404, 404, status, status]) await pass(one);
    expect(seen).toEqual([true]);
  });
}

test("a request without an answer ends after 10 s, and the watch goes on", async () => {
  const { seen, world, pass, due } = stage();
  await pass("silent");
  await due();
  expect(world.waits).toEqual([60_000, 60_000]);
  await pass(404);
  await pass("silent");
  await due();
  await pass(404);
  expect(seen).toEqual([true]);
});

test("two calls at once send one request", async () => {
  const { world, watch } = stage();
  watch.checkNow();
  watch.checkNow();
  await Bun.sleep(0);
  expect(world.asked).toBe(1);
});
