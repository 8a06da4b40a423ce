/** `npm run bench [-- <name> …options]`: runs bench/<name>.ts, or all of them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Not benchmarks: this dispatcher, helpers, and the soaks, which have their own commands. */
const others = ["main.ts", "median.ts", "process.ts", "soak.ts", "soak-runtime.ts"];
const names = readdirSync(import.meta.dir)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !others.includes(file))
  .map((file) => file.slice(0, -3));
const [wanted, ...options] = process.argv.slice(2);
const chosen = wanted === undefined || wanted.startsWith("-") ? names : [wanted];
if (!chosen.every((name) => names.includes(name))) {
  console.error(`There is no bench "${wanted}". There are: ${names.join(", ")}.`);
  process.exit(2);
}
let failed = 0;
for (const name of chosen) {
  console.log(`\n${name}`);
  const rest = chosen.length > 1 ? process.argv.slice(2) : options;
  const child = Bun.spawn([process.execPath, join(import.meta.dir, `${name}.ts`), ...rest], {
    stdio: ["inherit", "inherit", "inherit"],
  });
  failed ||= await child.exited;
}
process.exit(failed);
