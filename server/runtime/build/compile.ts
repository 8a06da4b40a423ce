/** Compiles a plugin's entry point to one executable that needs nothing but the C library. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, parse, resolve } from "node:path";
import { shareChunks } from "./shared-chunks.ts";

/**
 * Maps Mattermost's platform name (plugin.json, server.executables) to Bun's target and the npm package that holds
 * it.
 */
export const platforms = {
  // Baseline builds: some hosts and VMs have no AVX2, and the default build dies there with SIGILL.
  "linux-amd64": { target: "bun-linux-x64-baseline", package: "@oven/bun-linux-x64-baseline" },
  "linux-arm64": { target: "bun-linux-arm64", package: "@oven/bun-linux-aarch64" },
  "darwin-arm64": { target: "bun-darwin-arm64", package: "@oven/bun-darwin-aarch64" },
  "darwin-amd64": { target: "bun-darwin-x64-baseline", package: "@oven/bun-darwin-x64-baseline" },
} as const;

export type Platform = keyof typeof platforms;

/** The platform of this machine. */
export const ownPlatform =
  `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}` as Platform;

export interface CompileOptions {
  readonly entry: string;
  readonly output: string;
  readonly platform: Platform;
  /** Path of the Bun binary for the target platform. It becomes part of the executable. */
  readonly bun: string;
  /**
   * Path of a module whose whole import graph is embedded as source, without bytecode: smaller, but slower to load.
   */
  readonly withoutBytecode?: string;
}

/**
 * Compiles in two passes, because bytecode pays only for modules that a start needs. The first pass splits off the
 * modules that the program loads on demand (`import()`). The second pass compiles the others to bytecode and embeds
 * the split-off modules as source; modules that both parts use are compiled (shared-chunks.ts). Measured from exec to
 * active: 33 ms, against 68 ms in one pass.
 */
export async function compile({
  entry,
  output,
  platform,
  bun,
  withoutBytecode,
}: CompileOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "plugin-chunks-"));
  try {
    await run([
      process.execPath,
      "build",
      resolve(entry),
      // The bundler also splits off a module that two entries reach.
      ...(withoutBytecode ? [resolve(withoutBytecode)] : []),
      "--target=bun",
      "--format=esm",
      "--splitting",
      "--production",
      "--entry-naming=entry-[name].[ext]",
      "--chunk-naming=chunk-[hash].[ext]",
      `--outdir=${folder}`,
    ]);
    const entryOf = (path: string) => `entry-${parse(path).name}.js`;
    const onDemand = await shareChunks(folder, {
      entry: entryOf(entry),
      ...(withoutBytecode ? { sourceOnly: entryOf(withoutBytecode) } : {}),
    });
    const command = [
      process.execPath,
      "build",
      entryOf(entry),
      "--compile",
      `--target=${platforms[platform].target}`,
      `--compile-executable-path=${bun}`,
      "--format=esm",
      "--minify",
      "--bytecode",
      ...onDemand.flatMap((file) => [`--external=./${file}`, `--asset=${file}`]),
      // With source maps, a compiled Bun leaks native memory for each thrown error (oven-sh/bun#39800).
      "--sourcemap=none",
      // The working directory belongs to the Mattermost server, so the program must read nothing from it.
      "--no-compile-autoload-dotenv",
      "--no-compile-autoload-bunfig",
      "--no-compile-autoload-tsconfig",
      "--no-compile-autoload-package-json",
      `--outfile=${resolve(output)}`,
    ];
    await run(command, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a command and returns its stdout. Throws an error with everything that it printed when it fails. */
export async function run(command: readonly string[], cwd = process.cwd()): Promise<string> {
  const child = Bun.spawn([...command], { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [code, out, err] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (code !== 0) throw new Error(`${command.slice(0, 3).join(" ")} … failed (${code}):\n${out}${err}`);
  return out;
}
