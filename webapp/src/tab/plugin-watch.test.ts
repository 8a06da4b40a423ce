import { expect, test } from "bun:test";
import { watchPlugin } from "./plugin-watch.ts";

function stage() {
  const seen: boolean[] = [];
  const world = { status: 200 as number | "broken", asked: 0, waits: [] as number[], due: () => {} };
  const watch = watchPlugin({
    pluginPath: "/chat/plugins/mission-collaboration",
    fetch: (async (path: string) => {
      expect(path).toBe("/chat/plugins/mission-collaboration/public/tab/assets.json");
      world.asked += 1;
      if (world.status === "broken") throw new TypeError("network");
      return new Response("", { status: world.status });
    }) as unknown as typeof fetch,
    later(ms, then) {
      world.waits.push(ms);
      world.due = then;
      return () => {};
    },
    changed: (away) => seen.push(away),
  });
  const pass = async (status: number | "broken") => {
    world.status = status;
    world.due();
    await Bun.sleep(0);
  };
  return { seen, world, watch, pass };
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

test("two calls at once send one request", async () => {
  const { world, watch } = stage();
  watch.checkNow();
  watch.checkNow();
  await Bun.sleep(0);
  expect(world.asked).toBe(1);
});
