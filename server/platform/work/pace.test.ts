import { describe, expect, test } from "bun:test";
import { Breaker, PER_PERSON_PER_MINUTE, PersonPace } from "./pace.ts";

describe("the pace of one person", () => {
  test("allows nine within any minute, and a tenth when the first is a minute old", () => {
    const pace = new PersonPace();
    for (let i = 0; i < PER_PERSON_PER_MINUTE; i += 1) {
      expect(pace.allows("bob", i * 1000)).toBe(true);
      pace.delivered("bob", i * 1000);
    }
    expect(pace.allows("bob", 59_999)).toBe(false);
    expect(pace.allows("bob", 60_000)).toBe(true);
    expect(pace.allows("carol", 10_000)).toBe(true);
  });
});

describe("the breaker", () => {
  const failed = (times: number, random = 1) => {
    const breaker = new Breaker();
    for (let i = 0; i < times; i += 1) breaker.failed(0, random, null);
    return breaker;
  };

  test("waits longer after each failure, at most five minutes", () => {
    expect([1, 2, 3, 4].map((times) => failed(times).rest(0))).toEqual([1000, 2000, 4000, 8000]);
    expect(failed(50).rest(0)).toBe(300_000);
  });

  test("half of the wait is random", () => {
    expect(failed(3, 0).rest(0)).toBe(2000);
    expect(failed(3, 0.5).rest(0)).toBe(3000);
  });

  test("opens after three failures in a row and closes after one success", () => {
    expect(failed(2).open).toBe(false);
    const breaker = failed(3);
    expect(breaker.open).toBe(true);
    breaker.succeeded();
    expect(breaker.open).toBe(false);
    expect(breaker.rest(0)).toBe(0);
  });

  test("Retry-After overrides its own interval", () => {
    const breaker = failed(5);
    breaker.failed(1000, 1, 90_000);
    expect(breaker.rest(1000)).toBe(90_000);
    breaker.failed(1000, 1, 0);
    expect(breaker.rest(1000)).toBe(0);
  });

  test("cuts Retry-After to an hour: 317 years are a mistake", () => {
    const breaker = failed(1);
    breaker.failed(1000, 1, 9_999_999_999_000);
    expect(breaker.rest(1000)).toBe(3_600_000);
  });
});
