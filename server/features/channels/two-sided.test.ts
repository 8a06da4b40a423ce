import { expect, test } from "bun:test";
import { twoSided } from "./testing/two-sided.ts";

/** FUZZ_RUNS=10000 for a long run, FUZZ_SEED for another first seed. */
const runs = Number(process.env.FUZZ_RUNS ?? 10);
const first = Number(process.env.FUZZ_SEED ?? 1);

for (let seed = first; seed < first + runs; seed += 1) {
  test(`both sides hold the same conversation after random events with seed ${seed}`, async () => {
    const { differences, actions } = await twoSided(seed);
    if (differences.length > 0) console.log(actions.join("\n"));
    expect(differences).toEqual([]);
  });
}
