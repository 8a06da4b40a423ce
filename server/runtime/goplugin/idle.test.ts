import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { releaseMemoryWhenIdle } from "./idle.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** What is done in each second, for so many megabytes received in each. */
function seconds(megabytes: number[]): string[] {
  const session = { receivedBytes: 0, closed: new Promise<null>(() => {}) };
  let done = "";
  releaseMemoryWhenIdle(session, {
    gc: () => {
      done = "collect";
    },
    shrink: () => {
      done = "shrink";
    },
  });
  return megabytes.map((received) => {
    done = "";
    session.receivedBytes += received * 1024 * 1024;
    jest.advanceTimersByTime(1000);
    return done;
  });
}

const quiet = (count: number) => Array<number>(count).fill(0);

test("nothing while busy, one collection in the first quiet second, nothing more for a little traffic", () => {
  expect(seconds([2, 2, 2, 0, 0, 0.5, ...quiet(12)])).toEqual([
    ...["", "", "", "collect", "", ""],
    ...Array<string>(12).fill(""),
  ]);
});

test("a little traffic is quiet too", () => {
  expect(seconds([2, 0.01, 0.01])).toEqual(["", "collect", ""]);
});

test("after a real load and ten quiet seconds the heap is shrunk, once", () => {
  const done = seconds([20, ...quiet(30)]);
  expect(done[1]).toBe("collect");
  expect(done.indexOf("shrink")).toBe(10);
  expect(done.filter(Boolean)).toEqual(["collect", "shrink"]);
});

test("traffic begins the count anew", () => {
  const done = seconds([20, ...quiet(9), 1, ...quiet(12)]);
  expect(done.indexOf("shrink")).toBe(20);
});
