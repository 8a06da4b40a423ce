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
  /** What is collected in each of so many tenths of a second, after a first second with traffic. */
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
      now += 100;
      session.receivedBytes += received * 1024;
      jest.advanceTimersByTime(100);
      return done;
    });
  }

  test("collects young objects ten times a second, and all objects once", () => {
    expect(tenths(Array<number>(20).fill(100))).toEqual([
      ...[...Array<string>(9).fill("young"), "all"],
      ...[...Array<string>(9).fill("young"), "all"],
    ]);
  });

  test("leaves full collections to the engine for ten minutes where one takes longer than a request may wait", () => {
    const done = tenths(Array<number>(6_200).fill(100), { fullMs: 61 });
    expect(done.flatMap((each, at) => (each === "all" ? [at] : []))).toEqual([9, 6_009]);
  });

  test("collects nothing while little arrives", () => {
    expect(tenths([100, 10, 10, 20, 1])).toEqual(["young", "", "", "young", ""]);
  });

  test("leaves a small process to the engine", () => {
    expect(tenths([100, 100], { resident: 60 * MB })).toEqual(["", ""]);
  });

  test("ends with the load, and begins with the next", () => {
    const second = (kilobytes: number) => Array<number>(10).fill(kilobytes);
    const done = tenths([...second(100), ...second(1), ...second(1), ...second(40), ...second(40)]);
    expect(done.slice(10, 30).join("")).toBe("");
    // A load is noticed after its first second.
    expect(done.slice(30, 39).join("")).toBe("");
    expect(done.slice(40).filter(Boolean)).toHaveLength(10);
  });
});
