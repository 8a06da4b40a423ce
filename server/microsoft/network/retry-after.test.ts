import { expect, test } from "bun:test";
import { retryAfter } from "./retry-after.ts";

const now = Date.UTC(1994, 10, 6, 8, 49, 7);

const cases: [value: string | null, ms: number | null][] = [
  ["120", 120_000],
  ["0", 0],
  [" 7 ", 7_000],
  ["2.542", 3_000],
  ["0.5", 1_000],
  ["7.0", 7_000],
  ["Sun, 06 Nov 1994 08:49:37 GMT", 30_000],
  ["Sunday, 06-Nov-94 08:49:37 GMT", 30_000],
  ["Sun Nov  6 08:49:37 1994", 30_000],
  ["Sun, 06 Nov 1994 08:00:00 GMT", 0],
  ["-1", null],
  ["-1.5", null],
  ["+5", null],
  ["1e3", null],
  ["0x10", null],
  ["5s", null],
  ["5 seconds", null],
  ["1,5", null],
  ["120, 120", null],
  ["1994-11-06T08:49:37Z", null],
  ["2001", 2_001_000],
  ["Sun, 99 Nov 1994 08:49:37 GMT", null],
  ["99999999999999999999", null],
  ["soon", null],
  ["Infinity", null],
  ["", null],
  [null, null],
];
for (const [value, ms] of cases) {
  test(`Retry-After: ${value}`, () => expect(retryAfter(value, now)).toBe(ms));
}
