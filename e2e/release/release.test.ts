/** Checks the packed bundle: Mattermost can unpack it, it fits a proxy's usual limit, and builds are reproducible. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { billOfMaterials } from "../../build/bill-of-materials.ts";
import { MAX_BUNDLE_BYTES, packBundle, tarBundle } from "../../build/dist.ts";
import { ownPlatform } from "../../build/executable.ts";
import { licencesPage, shippedPackages } from "../../build/licences.ts";

// Unpacks 50 MB several times on a busy machine.
setDefaultTimeout(120_000);
/** Packing takes 14 s of processor time on one core and waits for nothing: two minutes at a load average of 46. */
const PACKING_MS = 600_000;

const folder = mkdtempSync(join(tmpdir(), "release-"));
/** Uses a copy, so that a parallel build cannot change the compared files. */
const bundlePath = join(folder, "built/mission-collaboration");
const executable = `server/dist/plugin-${ownPlatform}`;
let packed: Uint8Array;

beforeAll(async () => {
  await cp(join(import.meta.dir, "../../dist/mission-collaboration"), bundlePath, { recursive: true });
  packed = await packBundle(bundlePath);
  await Bun.write(join(folder, "bundle.tar.gz"), packed);
}, PACKING_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the bundle is smaller than the 50 MB that proxies usually allow", () => {
  console.log(
    `packed: ${packed.length.toLocaleString("en")} of ${MAX_BUNDLE_BYTES.toLocaleString("en")} bytes`,
  );
  expect(packed.length).toBeLessThan(MAX_BUNDLE_BYTES);
});

test("the same bundle gives the same bytes", async () => {
  const [one, other] = [await tarBundle(bundlePath), await tarBundle(bundlePath)];
  expect(one.equals(other)).toBe(true);
}, 60_000);

test("the bundle unpacks into one folder named after the plugin, with directories and plain files only", () => {
  const listed = Bun.spawnSync(["tar", "-tvzf", join(folder, "bundle.tar.gz")])
    .stdout.toString()
    .trim()
    .split("\n");
  expect(listed.length).toBeGreaterThan(15);
  for (const line of listed) {
    expect(line).toMatch(/^[d-]/);
    expect(line).toMatch(/ mission-collaboration\//);
    expect(line).not.toContain("..");
  }
});

test("the executable may be executed, and everything is where plugin.json says", async () => {
  Bun.spawnSync(["tar", "-xzf", join(folder, "bundle.tar.gz"), "-C", folder]);
  const unpacked = join(folder, "mission-collaboration");
  const manifest = await Bun.file(join(unpacked, "plugin.json")).json();
  expect(manifest.server.executables).toEqual({ [ownPlatform]: executable });
  expect(statSync(join(unpacked, executable)).mode & 0o777).toBe(0o755);
  expect(statSync(join(unpacked, "plugin.json")).mode & 0o777).toBe(0o644);
  for (const path of [manifest.webapp.bundle_path, "public/tab/assets.json", "assets/color.png"]) {
    expect(statSync(join(unpacked, path)).size).toBeGreaterThan(0);
  }
});

test("the packed executable starts, and says that it is a plugin when run by hand", () => {
  const started = Bun.spawnSync([join(folder, "mission-collaboration", executable)], { env: {}, cwd: "/" });
  expect(started.exitCode).toBe(1);
  expect(started.stderr.toString()).toContain("Mattermost plugin");
});

test("the bundle includes the licence of every shipped package", async () => {
  const shipped = await shippedPackages();
  const names = shipped.map((one) => one.name);
  for (const name of ["@azure/msal-node", "hono", "react", "zod"]) expect(names).toContain(name);
  for (const name of ["typescript", "webpack", "@playwright/test"]) expect(names).not.toContain(name);
  const page = await licencesPage();
  for (const { name, version } of shipped) expect(page).toContain(`${name} ${version}`);
});

test("the bill of materials (CycloneDX) lists every shipped package with version, origin, hash and licence", async () => {
  const text = await billOfMaterials();
  const { bomFormat, components, metadata } = JSON.parse(text);
  expect([bomFormat, metadata.component.name]).toEqual(["CycloneDX", "mission-collaboration"]);
  const listed: string[] = components.map(({ name }: { name: string }) => name);
  // The dependencies that the product declares; ajv is one that `npm sbom` forgets.
  const { dependencies } = await Bun.file(join(import.meta.dir, "../../package.json")).json();
  for (const name of [...Object.keys(dependencies), "bun", "ajv"]) expect(listed).toContain(name);
  for (const name of ["typescript", "webpack", "@playwright/test"]) expect(listed).not.toContain(name);
  expect(new Set(components.map((one: Record<string, string>) => one["bom-ref"])).size).toBe(listed.length);
  for (const { name, purl, hashes, licenses } of components) {
    expect(`${name} ${purl}`).toMatch(/ pkg:npm\/(%40[^@/]+\/)?[^@/]+@\d/);
    if (name !== "bun") expect(`${name} ${hashes[0].content}`).toMatch(/ [0-9a-f]{128}$/);
    expect(`${name} ${JSON.stringify(licenses)}`).toMatch(/"(id|expression|name)":"[^"]{3,}"/);
  }
  expect(await billOfMaterials()).toBe(text);
});
