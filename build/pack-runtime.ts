/**
 * `npm run pack:runtime`: builds dist/mattermost-plugin-runtime-<version>.tgz, the package that plugin authors
 * install.
 */

import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./architecture.ts";
import { run } from "./executable.ts";

/** Returns the path of the tarball. */
export async function packRuntime(into = join(root, "dist")): Promise<string> {
  const folder = join(root, "server/runtime");
  const licence = join(folder, "LICENSE.txt");
  await mkdir(into, { recursive: true });
  // The repository has one licence text, but npm packs only files below the package's folder.
  await copyFile(join(root, "LICENSE.txt"), licence);
  try {
    const [packed] = JSON.parse(await run(["npm", "pack", "--json", `--pack-destination=${into}`], folder));
    return join(into, packed.filename);
  } finally {
    await rm(licence, { force: true });
  }
}

if (import.meta.main) console.log(await packRuntime());
