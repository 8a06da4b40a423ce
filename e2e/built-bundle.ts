/** Locates the bundle that `npm run build` makes; tests and benchmarks of the executable start from it. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../build/architecture.ts";

export const bundleFolder = join(root, "dist/mission-collaboration");

/** The bundle's folder; throws if it is not built. */
export function builtBundle(): string {
  if (!existsSync(join(bundleFolder, "server/dist")))
    throw new Error("Build the bundle first: npm run build");
  return bundleFolder;
}
