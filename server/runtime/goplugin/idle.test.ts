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
 * Returns what is done in each second when the process receives so many megabytes per second. Each received megabyte
 * leaves `leaves` megabytes in the process; each round of shrinking frees half of what is above 50 MB.
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
  releaseMemoryWhenIdle(session, { gc: () => {}, shrink: () => void rounds++, resident: () => resident });
  resident = 90 * MB;
  jest.advanceTimersByTime(600_000);
  expect(rounds).toBe(2);
});

test("traffic restarts the countdown", () => {
  const done = seconds([20, ...quiet(9), 1, ...quiet(12)]);
  expect(done.indexOf("collect shrink")).toBe(20);
});
