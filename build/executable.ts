/** Compiles a plugin's server half to one executable per platform. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./architecture.ts";

/** Mattermost's name of a platform (plugin.json, server.executables) → Bun's target and the npm package of it. */
export const platforms = {
  // Baseline: hosts and VMs without AVX2 exist where this runs, and the default build dies there with SIGILL.
  "linux-amd64": { target: "bun-linux-x64-baseline", package: "@oven/bun-linux-x64-baseline" },
  "linux-arm64": { target: "bun-linux-arm64", package: "@oven/bun-linux-aarch64" },
  "darwin-arm64": { target: "bun-darwin-arm64", package: "@oven/bun-darwin-aarch64" },
  "darwin-amd64": { target: "bun-darwin-x64-baseline", package: "@oven/bun-darwin-x64-baseline" },
} as const;

export type Platform = keyof typeof platforms;

/** The platform of this machine. */
export const ownPlatform =
  `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}` as Platform;

export async function compileExecutable(entry: string, output: string, platform: Platform): Promise<void> {
  const { target, package: name } = platforms[platform];
  const runtime = join(root, "node_modules", name, "bin/bun");
  if (!existsSync(runtime)) {
    throw new Error(
      `${name} is not installed: npm installs the package of its own platform only (see docs/release.md).`,
    );
  }
  const build = Bun.spawn(
    [
      process.execPath,
      "build",
      entry,
      "--compile",
      `--target=${target}`,
      `--compile-executable-path=${runtime}`,
      "--minify",
      "--bytecode",
      // With maps, a compiled Bun loses native memory per thrown error (oven-sh/bun#39800).
      "--sourcemap=none",
      // The working directory is the Mattermost server's: nothing may be read from it.
      "--no-compile-autoload-dotenv",
      "--no-compile-autoload-bunfig",
      "--no-compile-autoload-tsconfig",
      "--no-compile-autoload-package-json",
      `--outfile=${output}`,
    ],
    { stdout: "pipe", stderr: "pipe" },
  );
  const [code, out, err] = await Promise.all([
    build.exited,
    new Response(build.stdout).text(),
    new Response(build.stderr).text(),
  ]);
  if (code !== 0) throw new Error(`bun build failed:\n${out}${err}`);
}
