/**
 * `mattermost-plugin build [folder] [--platform linux-amd64 …]`: builds a folder with plugin.json and server/main.ts
 * to
 *
 *   dist/<id>/                                  the bundle, as Mattermost unpacks it
 *   dist/<id>-<version>-<platform>.tar.gz       the same, to upload
 *
 * The folders `assets`, `public` and `webapp/dist` are copied into the bundle when they exist.
 */

import { existsSync } from "node:fs";
import { chmod, cp, mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { compile, ownPlatform, type Platform, platforms, run } from "./compile.ts";

const USAGE = "mattermost-plugin build [folder] [--platform linux-amd64] [--platform linux-arm64]";
const MORE_FOLDERS = ["assets", "public", "webapp/dist"];

interface Manifest {
  readonly id: string;
  readonly version: string;
  readonly server?: object;
}

async function build(source: string, wanted: readonly Platform[]): Promise<void> {
  const manifest = await readManifest(source);
  const dist = join(source, "dist");
  const bundle = join(dist, manifest.id);
  await rm(bundle, { recursive: true, force: true });
  for (const platform of wanted) {
    const executable = join(bundle, `server/dist/plugin-${platform}`);
    await mkdir(join(bundle, "server/dist"), { recursive: true });
    await compile({
      entry: join(source, "server/main.ts"),
      output: executable,
      platform,
      bun: bunFor(platform),
    });
    await chmod(executable, 0o755);
  }
  const executables = Object.fromEntries(
    wanted.map((platform) => [platform, `server/dist/plugin-${platform}`]),
  );
  const written = { ...manifest, server: { ...manifest.server, executables } };
  await Bun.write(join(bundle, "plugin.json"), JSON.stringify(written, null, 2));
  for (const folder of MORE_FOLDERS) {
    if (existsSync(join(source, folder)))
      await cp(join(source, folder), join(bundle, folder), { recursive: true });
  }
  const archive = join(dist, `${manifest.id}-${manifest.version}-${wanted.join("-")}.tar.gz`);
  await run(["tar", "-C", dist, "-czf", archive, manifest.id]);
  say(`${bundle}\n${archive}`);
}

async function readManifest(source: string): Promise<Manifest> {
  const file = Bun.file(join(source, "plugin.json"));
  if (!(await file.exists())) fail(`There is no plugin.json in ${source}.`);
  const manifest = (await file.json()) as Partial<Manifest>;
  const { id, version } = manifest;
  // The rule of model.IsValidPluginId. The id also names a folder, so "." and ".." are refused.
  if (typeof id !== "string" || !/^[a-zA-Z0-9-_.]{3,190}$/.test(id) || /^\.+$/.test(id))
    fail("plugin.json needs an id of 3 to 190 letters, digits, dots, hyphens and underscores.");
  if (typeof version !== "string" || !/^\d+\.\d+\.\d+/.test(version))
    fail("plugin.json needs a version such as 1.0.0.");
  return { ...manifest, id, version };
}

/**
 * npm installs the Bun package of this platform only. For another platform, the error names the package to install.
 */
function bunFor(platform: Platform): string {
  const name = platforms[platform].package;
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/bun`);
  } catch {
    return fail(`${name} is needed for ${platform}: npm install --force --no-save ${name}@${Bun.version}`);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function fail(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}

const {
  positionals: [command, folder = ".", ...more],
  values: { platform = [ownPlatform] },
} = (() => {
  try {
    return parseArgs({ allowPositionals: true, options: { platform: { type: "string", multiple: true } } });
  } catch (error) {
    return fail(`${(error as Error).message}\n${USAGE}`);
  }
})();
const unknown = platform.filter((name) => !Object.hasOwn(platforms, name));
if (command !== "build" || more.length > 0) fail(USAGE);
if (unknown.length > 0)
  fail(`Unknown platform ${unknown.join(", ")}; known: ${Object.keys(platforms).join(", ")}.`);
await build(resolve(folder), platform as Platform[]);
