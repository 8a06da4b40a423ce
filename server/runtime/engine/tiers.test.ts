import { expect, test } from "bun:test";
import { join } from "node:path";

// Runs in a separate process, which reports what its compilers do.
const loop = "let s = 0; for (let i = 0; i < n; i++) s += i % 7; this.sum += s; return s;";
const program = `
  import { classWithoutFtl, withoutFtl } from ${JSON.stringify(join(import.meta.dir, "tiers.ts"))};
  class Kept { sum = 0; kept(n) { ${loop} } get half() { return 1; } static { classWithoutFtl(Kept); } }
  class Free { sum = 0; free(n) { ${loop} } }
  function plain(n) { ${loop} }
  withoutFtl(plain);
  const kept = new Kept(), free = new Free();
  let total = 0;
  for (let i = 0; i < 300_000; i++) total += kept.kept(20) + kept.half + free.free(20) + plain.call(kept, 20);
  console.log(total);
`;

test("marked functions and methods are not compiled by FTL, others are", async () => {
  const child = Bun.spawn([process.execPath, "-e", program], {
    env: { ...process.env, BUN_JSC_reportCompileTimes: "1" },
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = (await new Response(child.stdout).text()) + (await new Response(child.stderr).text());
  const compiled = (name: string, tier: string) =>
    output.split("\n").some((line) => line.includes(`Optimized ${name}#`) && line.includes(`using ${tier} `));
  expect(["kept", "free", "plain"].map((name) => compiled(name, "DFG"))).toEqual([true, true, true]);
  expect(["kept", "free", "plain"].map((name) => compiled(name, "FTL"))).toEqual([false, true, false]);
});
