import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { keepMemorySmall } from "./memory.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const MB = 1024 * 1024;

/**
 * Returns the collections of each second. `megabytes`: received in each second. Each received megabyte leaves `leaves`
 * megabytes in the process; each call of shrink frees half of the memory above 50 MB.
 */
function seconds(megabytes: number[], leaves = 1): string[] {
  const session = { receivedBytes: 0, closed: new Promise<null>(() => {}) };
  let done: string[] = [];
  let resident = 50 * MB;
  keepMemorySmall(session, {
    ...{ gc: () => void done.push("collect"), collectYoung() {}, collectAll() {}, now: () => 0 },
    shrink: () => {
      done.push("shrink");
      resident = (50 * MB + resident) / 2;
    },
    resident: () => resident,
  });
  return megabytes.map((received) => {
    done = [];
    session.receivedBytes += received * MB;
    resident += received * leaves * MB;
    jest.advanceTimersByTime(1000);
    return done.join(" ");
  });
}

const quiet = (count: number) => Array<number>(count).fill(0);

test("collects once in the first quiet second, and not while busy or after a little traffic", () => {
  expect(seconds([1, 1, 1, 0, 0, 0.5, ...quiet(12)])).toEqual([
    ...["", "", "", "collect", "", ""],
    ...Array<string>(12).fill(""),
  ]);
});

test("treats a little traffic as quiet", () => {
  expect(seconds([2, 0.01, 0.01])).toEqual(["", "collect", ""]);
});

test("shrinks the heap twice after a real load and ten quiet seconds, then leaves it alone", () => {
  const done = seconds([20, ...quiet(60)]);
  expect(done[1]).toBe("collect");
  expect(done.indexOf("collect shrink")).toBe(10);
  expect(done.filter(Boolean)).toEqual(["collect", "collect shrink", "collect shrink"]);
});

test("frees what a little traffic left behind, too", () => {
  expect(seconds([0.1, ...quiet(30)], 300).filter(Boolean)).toEqual(["collect shrink", "collect shrink"]);
});

test("does not retry every second when memory cannot be freed", () => {
  const session = { receivedBytes: 0, closed: new Promise<null>(() => {}) };
  let rounds = 0;
  let resident = 50 * MB;
  keepMemorySmall(session, {
    ...{ gc() {}, collectYoung() {}, collectAll() {}, now: () => 0 },
    shrink: () => void rounds++,
    resident: () => resident,
  });
  resident = 90 * MB;
  jest.advanceTimersByTime(600_000);
  expect(rounds).toBe(2);
});

test("traffic restarts the countdown", () => {
  const done = seconds([20, ...quiet(9), 1, ...quiet(12)]);
  expect(done.indexOf("collect shrink")).toBe(20);
});

describe("under a load", () => {
  /** Returns the collection of each tenth of a second, after one second with traffic. `kilobytes`: received in each. */
  function tenths(kilobytes: number[], { fullMs = 25, resident = 200 * MB } = {}): string[] {
    const session = { receivedBytes: 0, closed: new Promise<null>(() => {}) };
    let done = "";
    let now = 0;
    keepMemorySmall(session, {
      ...{ gc() {}, shrink() {}, resident: () => resident, now: () => now },
      collectYoung: () => {
        done = "young";
      },
      collectAll: () => {
        done = "all";
        now += fullMs;
      },
    });
    session.receivedBytes += MB;
    jest.advanceTimersByTime(1000);
    return kilobytes.map((received) => {
      done = "";
      session.receivedBytes += received * 1024;
      now += 100;
      jest.advanceTimersByTime(100);
      return done;
    });
  }
  const many = (count: number, kilobytes: number) => Array<number>(count).fill(kilobytes);
  const numberOf = (what: string, done: string[]) => done.filter((each) => each === what).length;

  test("collects young objects ten times a second, and all objects once", () => {
    expect(tenths(many(20, 100))).toEqual([
      ...[...Array<string>(9).fill("young"), "all"],
      ...[...Array<string>(9).fill("young"), "all"],
    ]);
  });

  test("leaves full collections to the engine for ten minutes after a slow one, in later loads too", () => {
    const load = [...many(20, 100), ...many(20, 0)];
    const done = tenths([...load, ...load, ...load], { fullMs: 61 });
    expect(numberOf("all", done)).toBe(1);
    expect(numberOf("young", done)).toBeGreaterThan(30);
    expect(numberOf("all", tenths(many(6_100, 100), { fullMs: 61 }))).toBe(2);
  });

  test("collects nothing while little arrives", () => {
    expect(tenths([100, 10, 10, 20, 1])).toEqual(["young", "", "", "young", ""]);
  });

  test("leaves a small process to the engine", () => {
    expect(tenths([100, 100], { resident: 60 * MB })).toEqual(["", ""]);
  });

  test("ends with the load, and begins with the next", () => {
    const done = tenths([...many(10, 100), ...many(10, 1), ...many(10, 1), ...many(20, 40)]);
    expect(done.slice(10, 30).join("")).toBe("");
    // A load is noticed after its first second.
    expect(done.slice(30, 39).join("")).toBe("");
    expect(done.slice(40).filter(Boolean)).toHaveLength(10);
  });

  test("does nothing where the memory cannot be read", () => {
    const done: string[] = [];
    const collect = (what: string) => () => void done.push(what);
    const session = { receivedBytes: 0, closed: new Promise<null>(() => {}) };
    keepMemorySmall(session, {
      ...{ gc: collect("full"), shrink: collect("shrink"), resident: () => 0, now: () => 0 },
      ...{ collectYoung: collect("young"), collectAll: collect("all") },
    });
    for (let second = 0; second < 60; second++) {
      session.receivedBytes += second < 30 ? MB : 0;
      jest.advanceTimersByTime(1000);
    }
    // Only the collection of the first quiet second, which depends on the traffic alone.
    expect(done).toEqual(["full"]);
  });

  test("stops with the session", async () => {
    let collections = 0;
    const { promise: closed, resolve: close } = Promise.withResolvers<null>();
    const session = { receivedBytes: 0, closed };
    const collect = () => void collections++;
    keepMemorySmall(session, {
      ...{ gc: collect, shrink() {}, collectYoung: collect, collectAll: collect, now: () => 0 },
      resident: () => 200 * MB,
    });
    const second = () => {
      session.receivedBytes += MB;
      jest.advanceTimersByTime(1000);
    };
    second();
    second();
    expect(collections).toBeGreaterThan(0);
    close(null);
    await closed;
    await Promise.resolve();
    const before = collections;
    for (let i = 0; i < 20; i++) second();
    expect(collections).toBe(before);
    expect(jest.getTimerCount()).toBe(0);
  });
});

test("no timer throws when the process has no file descriptor left to read its memory", async () => {
  const source = `
    import { openSync } from "node:fs";
    import { keepMemorySmall } from "${import.meta.dir}/memory.ts";
    const session = { receivedBytes: 0, closed: new Promise(() => {}) };
    keepMemorySmall(session);
    process.on("uncaughtException", (error) => { console.log("thrown: " + error.message); process.exit(1); });
    try { for (;;) openSync("/dev/null", "r"); } catch (error) { console.log(error.code); }
    const load = setInterval(() => { session.receivedBytes += 1_000_000; }, 50);
    setTimeout(() => { clearInterval(load); console.log("well"); process.exit(0); }, 1_500);`;
  const child = Bun.spawn(["sh", "-c", 'ulimit -n 64; exec "$0" -e "$1"', process.execPath, source], {
    stdout: "pipe",
    stderr: "inherit",
  });
  expect(await new Response(child.stdout).text()).toBe("EMFILE\nwell\n");
}, 60_000);
