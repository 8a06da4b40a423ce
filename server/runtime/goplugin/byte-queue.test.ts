import { expect, test } from "bun:test";
import fc from "fast-check";
import { ByteQueue } from "./byte-queue.ts";

test("bytes come out in order, whatever the sizes pushed and taken", () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ push: fc.oneof(fc.nat(20), fc.nat(40_000)) }),
      fc.record({ take: fc.nat(50_000) }),
      fc.constant({ shift: true }),
      fc.record({ unshift: fc.nat(30) }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (list) => {
      const queue = new ByteQueue();
      let expected = Buffer.alloc(0);
      let next = 0;
      const fresh = (size: number) => Buffer.from(Uint8Array.from({ length: size }, () => next++ % 251));
      for (const step of list) {
        if ("push" in step) {
          const bytes = fresh(step.push);
          queue.push(bytes);
          expected = Buffer.concat([expected, bytes]);
          if (step.push < 2048) bytes.fill(255); // small parts are copied, so their source may change
        } else if ("unshift" in step) {
          const bytes = fresh(step.unshift);
          queue.unshift(bytes);
          expected = Buffer.concat([bytes, expected]);
        } else {
          const size = "take" in step ? Math.min(step.take, queue.length) : 0;
          const out = "take" in step ? Buffer.concat(queue.take(size)) : Buffer.from(queue.shift() ?? []);
          expect(out.equals(expected.subarray(0, out.length))).toBe(true);
          if ("take" in step) expect(out.length).toBe(size);
          expected = expected.subarray(out.length);
        }
        expect(queue.length).toBe(expected.length);
      }
    }),
    { numRuns: 300, seed: 7 },
  );
});

test("a window full of single bytes is stored in a few blocks, not one object per byte", () => {
  const queue = new ByteQueue();
  for (let i = 0; i < 262_144; i++) queue.push(Uint8Array.of(i));
  let parts = 0;
  while (queue.shift()) parts++;
  expect(parts).toBeLessThan(20);
});
