import { expect, test } from "bun:test";
import { KeptDocument } from "./kept-document.ts";

const HOUR = 3_600_000;
const rules = { freshMs: 6 * HOUR, maxAgeMs: 48 * HOUR, cooldownMs: 30_000, retryMs: 5_000 };

test("a failure from before the clock was set back does not block the next request", async () => {
  let now = 100 * HOUR;
  let works = false;
  const document = new KeptDocument(
    async () => {
      if (!works) throw new Error("certificate is not yet valid");
      return "keys";
    },
    rules,
    () => now,
  );
  await expect(document.current()).rejects.toThrow();
  now -= 10 * HOUR;
  works = true;
  expect(await document.current()).toBe("keys");
});
