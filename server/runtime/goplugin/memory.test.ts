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
 * Returns what is done in each second when the process receives so many megabytes per second. Each received megabyte
 * leaves `leaves` megabytes in the process; each round of shrinking frees half of what is above 50 MB.
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
  interface Process {
    /** Megabytes. */
    readonly holds?: number;
    /** Milliseconds of a full collection. */
    readonly fullTakes?: number;
  }

  /**
   * Returns what is collected in each tenth of a second in which the process grows by so many megabytes. While it grows,
   * it receives 1 MB a second. A collection frees everything by which it grew.
   */
  function tenths(megabytes: number[], { holds = 200, fullTakes = 25 }: Process = {}): string[] {
    const session = { receivedBytes: 0, closed: new Promise<null>(() => {}) };
    let done = "";
    let now = 0;
    let grown = 0;
    keepMemorySmall(session, {
      ...{ gc() {}, shrink() {}, resident: () => (holds + grown) * MB, now: () => now },
      collectYoung: () => {
        done = "young";
        grown = 0;
      },
      collectAll: () => {
        done = "all";
        grown = 0;
        now += fullTakes;
      },
    });
    session.receivedBytes += MB;
    jest.advanceTimersByTime(1000);
    return megabytes.map((more) => {
      done = "";
      grown += more;
      session.receivedBytes += more > 0 ? 100 * 1024 : 0;
      now += 100;
      jest.advanceTimersByTime(100);
      return done;
    });
  }
  const many = (count: number, megabytes: number) => Array<number>(count).fill(megabytes);
  const numberOf = (what: string, done: string[]) => done.filter((each) => each === what).length;

  test("collects young objects ten times a second while the process grows, and all objects once", () => {
    expect(tenths(many(20, 5))).toEqual([
      ...[...Array<string>(9).fill("young"), "all"],
      ...[...Array<string>(9).fill("young"), "all"],
    ]);
  });

  test("collects nothing while the process does not grow, whatever arrives", () => {
    expect(numberOf("", tenths(many(40, 0.0001)))).toBe(40);
    expect(tenths([1, 0.5, 0.6, 0.1])).toEqual(["", "", "young", ""]);
  });

  test("a process that gave memory back may grow only from there", () => {
    // It holds 200 MB, gives 10 back, and grows by 3.
    expect(tenths([0.1, -10, 3, 0.1])).toEqual(["", "", "young", ""]);
  });

  test("leaves full collections to the engine for ten minutes after one that took long, whichever load it is", () => {
    const load = [...many(20, 5), ...many(20, 0)];
    const done = tenths([...load, ...load, ...load], { fullTakes: 61 });
    expect(numberOf("all", done)).toBe(1);
    expect(numberOf("young", done)).toBeGreaterThan(30);
    expect(numberOf("all", tenths(many(6_100, 5), { fullTakes: 61 }))).toBe(2);
  });

  test("leaves a small process to the engine", () => {
    expect(tenths([5, 5], { holds: 60 })).toEqual(["", ""]);
  });

  test("ends with the load, and begins with the next", () => {
    const done = tenths([...many(10, 5), ...many(20, 0), ...many(20, 5)]);
    expect(numberOf("", done.slice(0, 10))).toBe(0);
    // A load is noticed after its first second.
    expect(done.slice(10, 39).join("")).toBe("");
    expect(numberOf("", done.slice(40))).toBe(0);
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
    // Only what follows from the traffic alone.
    expect(done).toEqual(["full"]);
  });

  test("stops with the session", async () => {
    let collections = 0;
    const { promise: closed, resolve: close } = Promise.withResolvers<null>();
    const session = { receivedBytes: 0, closed };
    let held = 200 * MB;
    const collect = () => void collections++;
    keepMemorySmall(session, {
      ...{ gc: collect, shrink() {}, collectYoung: collect, collectAll: collect, now: () => 0 },
      resident: () => (held += 5 * MB),
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

test("every file that the process may open is open: its memory counts as unknown, and no timer throws", async () => {
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
