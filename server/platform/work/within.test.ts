import { expect, spyOn, test } from "bun:test";
import { within } from "./within.ts";

const never = new Promise<never>(() => {});

test("an answer in time is the answer, a refusal is the refusal", async () => {
  expect(await within(10_000, Promise.resolve(1), "late")).toBe(1);
  expect(await within(10_000, 2, "late")).toBe(2);
  await expect(within(10_000, Promise.reject(new Error("no")), "late")).rejects.toThrow("no");
});

test("after the limit it is the other value", async () => {
  expect(await within(1, never, "late")).toBe("late");
});

test("no timer is left behind", async () => {
  const cleared = spyOn(globalThis, "clearTimeout");
  await within(10_000, Promise.resolve(), null);
  await within(10_000, Promise.reject(new Error("no")), null).catch(() => {});
  expect(cleared).toHaveBeenCalledTimes(2);
  cleared.mockRestore();
});

test("what fails after the limit disturbs nobody", async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  expect(await within(1, promise, null)).toBeNull();
  reject(new Error("too late"));
  await Bun.sleep(1);
});
