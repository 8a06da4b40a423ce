import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { releaseMemoryWhenIdle } from "./idle.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const MB = 1024 * 1024;

/**
 * What is done in each second, for so many megabytes received in each. A megabyte received leaves `leaves` megabytes
 * in the process; each round of shrinking gives half of what is above 50 MB back.
 */
function seconds(megabytes: number[], leaves = 1): string[] {
  const session = { receivedBytes: 0, closed: new Promise<null>(() => {}) };
  let done: string[] = [];
  let resident = 50 * MB;
  releaseMemoryWhenIdle(session, {
    gc: () => void done.push("collect"),
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

test("nothing while busy, one collection in the first quiet second, nothing more for a little traffic", () => {
  expect(seconds([1, 1, 1, 0, 0, 0.5, ...quiet(12)])).toEqual([
    ...["", "", "", "collect", "", ""],
    ...Array<string>(12).fill(""),
  ]);
});

test("a little traffic is quiet too", () => {
  expect(seconds([2, 0.01, 0.01])).toEqual(["", "collect", ""]);
});

test("after a real load and ten quiet seconds the heap is shrunk, twice, and then left alone", () => {
  const done = seconds([20, ...quiet(60)]);
  expect(done[1]).toBe("collect");
  expect(done.indexOf("collect shrink")).toBe(10);
  expect(done.filter(Boolean)).toEqual(["collect", "collect shrink", "collect shrink"]);
});

test("what a little traffic left behind is given back, too", () => {
  expect(seconds([0.1, ...quiet(30)], 300).filter(Boolean)).toEqual(["collect shrink", "collect shrink"]);
});

test("memory that cannot be given back is not asked for every second", () => {
  const session = { receivedBytes: 0, closed: new Promise<null>(() => {}) };
  let rounds = 0;
  let resident = 50 * MB;
  releaseMemoryWhenIdle(session, { gc: () => {}, shrink: () => void rounds++, resident: () => resident });
  resident = 90 * MB;
  jest.advanceTimersByTime(600_000);
  expect(rounds).toBe(2);
});

test("traffic restarts the count", () => {
  const done = seconds([20, ...quiet(9), 1, ...quiet(12)]);
  expect(done.indexOf("collect shrink")).toBe(20);
});
