#!/usr/bin/env node
// Runs the pinned Bun with the given arguments: `node build/bun.mjs test server`.
//
// The binary is taken straight from its @oven/* package, so nothing depends on install scripts
// (npm 11 and hardened registries block them) nor on a Bun that happens to be on the PATH.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const packages = {
  "linux-x64": "bun-linux-x64-baseline",
  "linux-arm64": "bun-linux-aarch64",
  "darwin-arm64": "bun-darwin-aarch64",
  "darwin-x64": "bun-darwin-x64-baseline",
};

/** Path of the pinned Bun for this machine; if there is none, ends the process with one plain line. */
export function bunPath() {
  const platform = `${process.platform}-${process.arch}`;
  const name = packages[platform];
  const path = name && fileURLToPath(new URL(`../node_modules/@oven/${name}/bin/bun`, import.meta.url));
  if (path && existsSync(path)) return path;
  console.error(
    name
      ? `Bun is missing (node_modules/@oven/${name}). Run "npm ci" first; optional dependencies must not be omitted.`
      : `There is no Bun for ${platform} in package.json. Supported: ${Object.keys(packages).join(", ")}.`,
  );
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const child = spawn(bunPath(), process.argv.slice(2), {
    stdio: "inherit",
    // npm may be killed without passing the signal on; the sandbox watches for that (e2e/sandbox/life.ts).
    env: { ...process.env, STARTED_BY: String(process.ppid) },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
