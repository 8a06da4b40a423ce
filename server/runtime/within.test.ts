import { expect, spyOn, test } from "bun:test";
import { within } from "./within.ts";

const never = new Promise<never>(() => {});

test("passes on a result or an error that comes in time", async () => {
  expect(await within(10_000, Promise.resolve(1), "late")).toBe(1);
  expect(await within(10_000, 2, "late")).toBe(2);
  await expect(within(10_000, Promise.reject(new Error("no")), "late")).rejects.toThrow("no");
});

test("resolves with the other value after the limit", async () => {
  expect(await within(1, never, "late")).toBe("late");
});

test("leaves no timer behind", async () => {
  const cleared = spyOn(globalThis, "clearTimeout");
  await within(10_000, Promise.resolve(), null);
  await within(10_000, Promise.reject(new Error("no")), null).catch(() => {});
  expect(cleared).toHaveBeenCalledTimes(2);
  cleared.mockRestore();
});

test("a failure after the limit is not an unhandled rejection", async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  expect(await within(1, promise, null)).toBeNull();
  reject(new Error("too late"));
  await Bun.sleep(1);
});
