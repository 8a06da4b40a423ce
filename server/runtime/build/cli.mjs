#!/usr/bin/env node
// `mattermost-plugin build`: runs build.ts under the Bun that came with this package. Node only finds it.
//
// The binary is taken straight from its @oven/* package, so nothing depends on install scripts
// (npm 11 and hardened registries block them) nor on a Bun that happens to be on the PATH.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const packages = {
  "linux-x64": "bun-linux-x64-baseline",
  "linux-arm64": "bun-linux-aarch64",
  "darwin-arm64": "bun-darwin-aarch64",
  "darwin-x64": "bun-darwin-x64-baseline",
};

function bunPath() {
  const name = packages[`${process.platform}-${process.arch}`];
  if (!name) {
    console.error(
      `There is no Bun for ${process.platform}-${process.arch}. Known: ${Object.keys(packages).join(", ")}.`,
    );
    process.exit(1);
  }
  try {
    return createRequire(import.meta.url).resolve(`@oven/${name}/bin/bun`);
  } catch {
    console.error(`@oven/${name} is missing: install again without omitting optional dependencies.`);
    process.exit(1);
  }
}

const child = spawn(
  bunPath(),
  [fileURLToPath(new URL("build.ts", import.meta.url)), ...process.argv.slice(2)],
  {
    stdio: "inherit",
  },
);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
