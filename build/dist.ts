/**
 * `npm run dist -- [--platform linux-amd64 …] [--sign-with <gpg key>]`: builds the files of a release.
 *
 *   dist/release/mission-collaboration-<version>-<platform>.tar.gz   the bundle to upload
 *                …tar.gz.sig                                         detached OpenPGP signature (with --sign-with)
 *                …sbom.json, SHA256SUMS
 *
 * The same commit gives the same bytes: fixed order, owner, modes and times.
 */

import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { TarArchive } from "archiver";
import { root } from "./architecture.ts";
import { billOfMaterials } from "./bill-of-materials.ts";
import { bundle } from "./bundle.ts";
import { type Platform, platforms, run } from "./executable.ts";
import { licencesPage } from "./licences.ts";
import { parseOptions } from "./options.ts";

/** "50 MB", the usual `client_max_body_size` in Mattermost's own proxy guide. */
export const MAX_BUNDLE_BYTES = 52_428_800;

/** tar stores seconds; any fixed instant works. */
const EPOCH = new Date(0);

/** gzip -9 stays slightly above the limit; libdeflate's level 12 does not (measured: 52.28 → 52.07 MB). */
const LIBDEFLATE_LEVEL = 12;

export async function packBundle(folder: string): Promise<Uint8Array> {
  return Bun.gzipSync(await tarBundle(folder), { level: LIBDEFLATE_LEVEL, library: "libdeflate" });
}

export async function tarBundle(folder: string): Promise<Buffer<ArrayBuffer>> {
  const tar = new TarArchive({});
  const top = basename(folder);
  const files = (await Array.fromAsync(new Bun.Glob("**/*").scan({ cwd: folder, dot: true }))).sort();
  const directories = [...new Set(files.flatMap((file) => parents(file)))].sort();
  // Mattermost's extractor knows only directories and regular files.
  tar.append("", { name: `${top}/`, date: EPOCH, mode: 0o755 });
  for (const directory of directories) {
    tar.append("", {
      name: `${top}/${directory}/`,
      date: EPOCH,
      mode: 0o755,
    });
  }
  for (const file of files) {
    tar.append(Buffer.from(await Bun.file(join(folder, file)).bytes()), {
      name: `${top}/${file}`,
      date: EPOCH,
      mode: file.startsWith("server/dist/") ? 0o755 : 0o644,
    });
  }
  const chunks: Buffer[] = [];
  tar.on("data", (chunk: Buffer) => chunks.push(chunk));
  await tar.finalize();
  return Buffer.concat(chunks);
}

function parents(file: string): string[] {
  const parts = file.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

if (import.meta.main) {
  const { values } = parseOptions({
    options: { platform: { type: "string", multiple: true }, "sign-with": { type: "string" } },
  });
  const wanted = (values.platform ?? ["linux-amd64", "linux-arm64"]) as Platform[];
  const unknown = wanted.filter((platform) => !(platform in platforms));
  if (unknown.length > 0) {
    console.error(`Unknown platform ${unknown.join(", ")}; known: ${Object.keys(platforms).join(", ")}.`);
    process.exit(2);
  }
  const { version } = await Bun.file(join(root, "plugin.json")).json();
  const release = join(root, "dist/release");
  await rm(release, { recursive: true, force: true });
  await mkdir(release, { recursive: true });

  const sums: string[] = [];
  const publish = async (name: string, content: Uint8Array | string) => {
    await Bun.write(join(release, name), content);
    sums.push(`${createHash("sha256").update(content).digest("hex")}  ${name}`);
    console.log(`${name}  ${content.length.toLocaleString("en")} bytes`);
  };

  // Not in the folder of `npm run build`: tests and the sandbox run that build, on this platform.
  const into = join(root, "dist/release-build");
  for (const platform of wanted) {
    await rm(into, { recursive: true, force: true });
    const folder = await bundle({ platform, into });
    await Bun.write(join(folder, "THIRD-PARTY-LICENCES.txt"), await licencesPage());
    await Bun.write(join(folder, "LICENSE.txt"), Bun.file(join(root, "LICENSE.txt")));
    const name = `mission-collaboration-${version}-${platform}.tar.gz`;
    const packed = await packBundle(folder);
    if (packed.length >= MAX_BUNDLE_BYTES) {
      throw new Error(`${name} has ${packed.length} bytes; a proxy's usual limit is ${MAX_BUNDLE_BYTES}`);
    }
    await publish(name, packed);
    const key = values["sign-with"];
    if (key !== undefined) {
      await run(["gpg", "--batch", "--yes", `--local-user=${key}`, "--detach-sign", join(release, name)]);
    }
  }
  await rm(into, { recursive: true, force: true });
  await publish(`mission-collaboration-${version}-sbom.json`, await billOfMaterials());
  await Bun.write(join(release, "SHA256SUMS"), `${sums.join("\n")}\n`);
  if (values["sign-with"] === undefined)
    console.log("Not signed: give --sign-with <gpg key> to sign the bundles.");
}
