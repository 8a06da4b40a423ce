/**
 * Builds a plugin's bundle directory, as Mattermost unpacks it:
 *
 *   npm run build                       this product        → dist/mission-collaboration/
 *   npm run build -- examples/hello     another plugin      → dist/<its id>/
 *   npm run build -- --server-only      keeps the web half of the last build
 *
 *   <id>/plugin.json, server/dist/plugin-<platform>, webapp/dist/main.js, assets/, public/, manifest-template/
 */

import { existsSync } from "node:fs";
import { chmod, cp, mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { root } from "./architecture.ts";
import { compileExecutable, ownPlatform, type Platform, platforms, run } from "./executable.ts";
import { parseOptions } from "./options.ts";

interface BundleOptions {
  readonly source?: string;
  readonly platform?: Platform;
  readonly serverOnly?: boolean;
  /** The folder in which the bundle's own folder is created. */
  readonly into?: string;
}

/** Returns the bundle directory. */
export async function bundle({
  source = root,
  platform = ownPlatform,
  serverOnly = false,
  into = join(root, "dist"),
}: BundleOptions = {}): Promise<string> {
  const manifest = await Bun.file(join(source, "plugin.json")).json();
  const target = join(into, manifest.id);
  await mkdir(join(target, "server/dist"), { recursive: true });
  await Bun.write(join(target, "plugin.json"), JSON.stringify(withExecutable(manifest, platform), null, 2));

  const executable = join(target, `server/dist/plugin-${platform}`);
  const withoutBytecode = source === root ? join(root, "build/without-bytecode.ts") : undefined;
  await Promise.all([
    compileExecutable(join(source, "server/main.ts"), executable, platform, withoutBytecode).then(() =>
      chmod(executable, 0o755),
    ),
    serverOnly || source !== root ? undefined : webHalf(target),
  ]);
  for (const folder of ["assets", "manifest-template"]) {
    if (!existsSync(join(source, folder))) continue;
    await rm(join(target, folder), { recursive: true, force: true });
    await cp(join(source, folder), join(target, folder), { recursive: true });
  }
  return target;
}

function withExecutable(manifest: { server?: object }, platform: Platform) {
  const executables = { [platform]: `server/dist/plugin-${platform}` };
  return { ...manifest, server: { ...manifest.server, executables } };
}

async function webHalf(target: string): Promise<void> {
  await run(["node", "webapp/build.mjs"]);
  for (const [from, to] of [
    ["dist/webapp/main.js", "webapp/dist/main.js"],
    ["dist/webapp/web", "public/web"],
    ["dist/webapp/tab", "public/tab"],
  ] as const) {
    await rm(join(target, to), { recursive: true, force: true });
    await cp(join(root, from), join(target, to), { recursive: true });
  }
}

if (import.meta.main) {
  const { values, positionals } = parseOptions({
    allowPositionals: true,
    options: { platform: { type: "string" }, "server-only": { type: "boolean", default: false } },
  });
  if (values.platform !== undefined && !(values.platform in platforms)) {
    console.error(`--platform is one of ${Object.keys(platforms).join(", ")}`);
    process.exit(2);
  }
  const started = performance.now();
  const target = await bundle({
    source: resolve(positionals[0] ?? root),
    platform: (values.platform ?? ownPlatform) as Platform,
    serverOnly: values["server-only"],
  });
  console.log(`${target} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}
