import { expect, test } from "bun:test";
import { fuzz } from "./testing/fuzz.ts";

test("8,000 mutated streams end in a value or a ProtocolError", () => {
  const before = process.memoryUsage().rss;
  const report = fuzz({ count: 8_000, seed: 1 });
  // Both outcomes must occur, otherwise the mutations miss the point.
  expect(report.rejected).toBeGreaterThan(500);
  expect(report.accepted).toBeGreaterThan(500);
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
}, 60_000);
