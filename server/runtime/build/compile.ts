/** Compiles a plugin's entry point to one executable that needs nothing but the C library. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, parse, resolve } from "node:path";
import { shareChunks } from "./shared-chunks.ts";

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

export interface CompileOptions {
  readonly entry: string;
  readonly output: string;
  readonly platform: Platform;
  /** Path of the Bun binary for that platform, which becomes part of the executable. */
  readonly bun: string;
  /** A module. It and everything that it imports goes into the executable as source, without bytecode: smaller, later. */
  readonly withoutBytecode?: string;
}

/**
 * Two passes, because bytecode is worth its bytes only where a start needs it. The first pass splits off the modules
 * that the program loads on demand (`import()`). The second compiles all others with the bytecode of every function, and
 * embeds the split-off modules as source (shared-chunks.ts: modules that both parts use are compiled). Measured: 33 ms
 * from exec to active, against 68 ms in one pass.
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
      // A module that two entries reach is split off, too.
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
      // With maps, a compiled Bun loses native memory per thrown error (oven-sh/bun#39800).
      "--sourcemap=none",
      // The working directory is the Mattermost server's: nothing may be read from it.
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

/** Runs a command; its output, or an error with everything it said. */
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
