// The quick subset. The long run: npm run fuzz -- all --count 1000000
import { expect, test } from "bun:test";
import { fuzzRpc } from "./testing/fuzz-rpc.ts";
import { fuzzYamux } from "./testing/fuzz-yamux.ts";

test("3,000 mutated yamux conversations", async () => {
  const report = await fuzzYamux({ count: 3000, seed: 1 });
  expect(report.inputs).toBe(3000);
  expect(report.rejected).toBeGreaterThan(300);
  expect(report.accepted).toBeGreaterThan(300);
});

test("3,000 mutated rpc streams", async () => {
  const report = await fuzzRpc({ count: 3000, seed: 1 });
  expect(report.inputs).toBe(3000);
  expect(report.rejected).toBeGreaterThan(300);
  expect(report.accepted).toBeGreaterThan(300);
});
