/** Compiles a plugin's server half with the Bun that package-lock.json pins. */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  compile,
  ownPlatform,
  type Platform,
  platforms,
  run as runIn,
} from "../server/runtime/build/compile.ts";
import { root } from "./architecture.ts";

export { ownPlatform, type Platform, platforms };

export async function compileExecutable(
  entry: string,
  output: string,
  platform: Platform,
  withoutBytecode?: string,
): Promise<void> {
  const bun = await pinnedBun(platform);
  await compile({ entry, output, platform, bun, ...(withoutBytecode ? { withoutBytecode } : {}) });
}

/**
 * Path of the pinned Bun for a platform. npm installs only the package of its own platform; the others are fetched
 * from the registry once and checked against the hash in package-lock.json.
 */
async function pinnedBun(platform: Platform): Promise<string> {
  const name = platforms[platform].package;
  const installed = join(root, "node_modules", name, "bin/bun");
  if (existsSync(installed)) return installed;

  const lock = await Bun.file(join(root, "package-lock.json")).json();
  const { version, integrity } = lock.packages[`node_modules/${name}`] as {
    version: string;
    integrity: string;
  };
  const folder = join(root, "dist/runtimes", `${platform}-${version}`);
  const unpacked = join(folder, "package/bin/bun");
  if (existsSync(unpacked)) return unpacked;

  await mkdir(folder, { recursive: true });
  const [packed] = JSON.parse(
    await run(["npm", "pack", "--json", `--pack-destination=${folder}`, `${name}@${version}`]),
  );
  const archive = join(folder, packed.filename);
  const digest = createHash("sha512")
    .update(await Bun.file(archive).bytes())
    .digest("base64");
  if (`sha512-${digest}` !== integrity)
    throw new Error(`${name}@${version} is not what package-lock.json names`);
  await run(["tar", "-xzf", archive, "-C", folder]);
  return unpacked;
}

/**
 * Runs a command in the repository's root. Answers its output, or throws an error with everything that it printed.
 */
export function run(command: readonly string[], cwd = root): Promise<string> {
  return runIn(command, cwd);
}
